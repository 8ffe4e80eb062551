import EventLoop

@testable import HTTP

extension FuzzTarget {
    /// A server connection's decisions: the requests it hands over do not depend on how they come, and in whatever order
    /// events happen it asks for one answer at a time and stays closed once it is.
    static let connection = FuzzTarget(
        name: "connection",
        seeds: request.seeds + [
            "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\ndataGET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP",
            "POST /stream HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            "POST /stream HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
        ],
        words: request.words + ["POST /stream HTTP/1.1\r\nHost: a\r\n"]
    ) { input in
        var configuration = input.serverConfiguration()
        configuration.requestsPerConnection = input.number(1...5)
        configuration.lingerBytes = input.number(0...64)
        let limit = input.one(of: [0, 5, 1 << 20])
        configuration.bodyMode = { _ in .buffered(limit: limit) }
        let buffered = ServerSettings(configuration)

        let octets = input.stretched()
        var whole = ConnectionScene(buffered)
        whole.serve([octets[...]])
        var parts = ConnectionScene(buffered)
        parts.serve(input.pieces(octets))
        claim(whole.told == parts.told, "\(parts.told) in pieces, \(whole.told) as a whole")

        // A streamed request is handed over before its body has come: there the pieces do show.
        configuration.bodyMode = { $0.path.hasPrefix("/stream") ? .streamed(limit: limit) : .buffered(limit: limit) }
        var wild = ConnectionScene(ServerSettings(configuration))
        for piece in input.pieces(octets) {
            wild.receive(piece)
            for _ in 0..<input.number(0...3) { wild.happen(input.number(0...11), after: input.number(0...40)) }
        }
    }
}
