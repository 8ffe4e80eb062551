/// A file that arrives in pieces of any size, cut into pieces of one size, and judged on the way.
package struct MediaIntake: Sendable {
    package enum Refusal: Error, Sendable, Hashable {
        /// The limit in bytes.
        case tooLarge(limit: Int)
        case empty
        /// It does not begin as a file of its type does.
        case mismatch
    }

    /// So far, in bytes.
    package private(set) var size = 0
    private let type: MediaType?
    private let limit: Int
    private let chunkSize: Int
    private var rest: [UInt8] = []
    private var isJudged = false

    /// - Parameter type: nil for one whose beginnings are not known.
    package init(_ type: MediaType?, limit: Int, chunkSize: Int) {
        self.type = type
        self.limit = limit
        self.chunkSize = chunkSize
    }

    /// The whole pieces that there are now.
    package mutating func take(_ bytes: [UInt8]) throws(Refusal) -> [[UInt8]] {
        size += bytes.count
        guard size <= limit else { throw .tooLarge(limit: limit) }
        rest += bytes
        guard rest.count >= chunkSize else {
            if rest.count >= FileSignature.length { try judge() }
            return []
        }
        try judge()
        var chunks: [[UInt8]] = []
        var start = 0
        while rest.count - start >= chunkSize {
            chunks.append(Array(rest[start..<start + chunkSize]))
            start += chunkSize
        }
        rest.removeFirst(start)
        return chunks
    }

    /// The last piece, shorter than the others; nil when there is nothing left.
    package mutating func end() throws(Refusal) -> [UInt8]? {
        guard size > 0 else { throw .empty }
        try judge()
        defer { rest = [] }
        return rest.isEmpty ? nil : rest
    }

    private mutating func judge() throws(Refusal) {
        guard !isJudged, let type else { return }
        guard type.matches(Array(rest.prefix(FileSignature.length))) else { throw .mismatch }
        isJudged = true
    }
}
