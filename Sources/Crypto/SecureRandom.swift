import COpenSSL
import Glibc

/// Unpredictable bytes from libcrypto's generator.
package enum SecureRandom {
    /// A call of RAND_bytes costs a microsecond however few bytes it gives, so they are drawn in blocks.
    private static let blockSize = 4096

    private struct Block {
        var bytes: [UInt8] = []
        var used = 0
        /// A forked child must not give the bytes that its parent still holds.
        var owner: pid_t = 0
    }

    private static let block = Locked(Block())

    package static func bytes(_ count: Int) -> [UInt8] {
        guard count > 0 else { return [] }
        guard count <= blockSize / 4 else { return fresh(count) }
        return block.withLock { block in
            let process = getpid()
            if block.owner != process || block.bytes.count - block.used < count {
                block = Block(bytes: fresh(blockSize), used: 0, owner: process)
            }
            let range = block.used..<block.used + count
            let drawn = Array(block.bytes[range])
            // What was given away must not be found here later.
            for index in range { block.bytes[index] = 0 }
            block.used = range.upperBound
            return drawn
        }
    }

    private static func fresh(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let result = bytes.withUnsafeMutableBufferPointer { RAND_bytes($0.baseAddress, Int32($0.count)) }
        if result == 1 { return bytes }
        // The kernel's generator never gives up, and ends the process if it must: keys must not be predictable.
        var kernel = SystemRandomNumberGenerator()
        return bytes.map { _ in UInt8.random(in: 0...255, using: &kernel) }
    }
}
