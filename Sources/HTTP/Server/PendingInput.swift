/// Input that has been read and not yet used; holds no memory while there is none.
struct PendingInput: Sendable {
    private var octets: [UInt8] = []
    private var start = 0

    var count: Int { octets.count - start }
    var isEmpty: Bool { start == octets.count }

    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        // What is used up goes when it is the larger part, so that each octet moves at most once on average.
        if start > octets.count / 2 {
            octets.removeFirst(start)
            start = 0
        }
        octets.append(contentsOf: bytes)
    }

    func withUnread(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        octets.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[start...])) }
    }

    mutating func drop(_ count: Int) {
        start += count
        guard isEmpty else { return }
        octets = []
        start = 0
    }
}
