/// Memory that responses are put together in, one after the other.
final class OutputBuffer {
    private var octets: UnsafeMutableRawBufferPointer

    /// What one large response has made it grow to beyond this is not kept.
    private static let kept = 64 * 1024

    init() { octets = .allocate(byteCount: Self.kept, alignment: 16) }

    deinit { octets.deallocate() }

    /// At least so much; what was written there before is lost.
    func memory(for count: Int) -> UnsafeMutableRawBufferPointer {
        if count > octets.count || octets.count > Self.kept {
            octets.deallocate()
            octets = .allocate(byteCount: max(count, Self.kept), alignment: 16)
        }
        return octets
    }
}
