import Crypto
import Foundation

/// What a worker is told that its environment does not say.
struct WorkerHandOver: Sendable {
    var databaseURL: String
    var dataDirectory: String
    var tickets: TLSTicketKeys

    /// Lines, none of which can hold a line feed of its own.
    var text: String {
        [
            Hex.encode(Array(databaseURL.utf8)), Hex.encode(Array(dataDirectory.utf8)), Hex.encode(tickets.secret),
            String(tickets.period),
        ].joined(separator: "\n") + "\n"
    }

    init(databaseURL: String, dataDirectory: String, tickets: TLSTicketKeys) {
        self.databaseURL = databaseURL
        self.dataDirectory = dataDirectory
        self.tickets = tickets
    }

    init?(text: String) {
        let lines = text.split(separator: "\n").map(String.init)
        guard lines.count == 4, let url = Hex.decode(lines[0]), let folder = Hex.decode(lines[1]),
            let secret = Hex.decode(lines[2]), let period = Int64(lines[3]),
            let tickets = TLSTicketKeys(secret: secret, period: period)
        else { return nil }
        self.init(
            databaseURL: String(decoding: url, as: UTF8.self), dataDirectory: String(decoding: folder, as: UTF8.self),
            tickets: tickets)
    }
}
