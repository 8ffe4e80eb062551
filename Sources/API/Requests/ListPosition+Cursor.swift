import Crypto
import Domain
import Storage

/// Where a list that is in some order ended, opaque to callers.
extension ListPosition {
    /// - Parameter order: what the list is in the order of; its cursor leads on in no other.
    func cursor(in order: String) -> String {
        Base64.encode(Array("4.\(order).\(time.map { String($0.microseconds) } ?? "").\(id)".utf8), .urlSafe)
    }

    /// nil for what is no cursor of a list in this order.
    init?(cursor: String, in order: String) {
        guard let bytes = Base64.decode(cursor, .urlSafe), let text = String(validating: bytes, as: UTF8.self) else {
            return nil
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "4", parts[1] == order, let id = Int64(parts[3]), id >= 0 else {
            return nil
        }
        guard !parts[2].isEmpty else {
            self.init(time: nil, id: id)
            return
        }
        guard let time = Int64(parts[2]).map({ Timestamp(microseconds: $0) }),
            (Timestamp.earliest...Timestamp.latest).contains(time)
        else { return nil }
        self.init(time: time, id: id)
    }
}
