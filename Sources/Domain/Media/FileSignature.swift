/// What the first bytes of a file say of it.
package enum FileSignature: Sendable, Hashable, CaseIterable {
    case jpeg, png, mp4, threeGPP, aac, amr, mpeg, ogg, pdf, zip
    /// Microsoft's compound file: the office documents before 2007.
    case compound
    /// No signature: anything without a NUL.
    case text

    /// How many bytes are looked at.
    package static let length = 512

    func matches(_ bytes: [UInt8]) -> Bool {
        switch self {
        // ITU-T T.81 § B.1.1.3: start of image, and the next marker.
        case .jpeg: bytes.starts(with: [0xFF, 0xD8, 0xFF])
        // PNG § 5.2.
        case .png: bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        // ISO/IEC 14496-12 § 4.3; QuickTime has its own brand.
        case .mp4: Self.brand(bytes).map { !$0.hasPrefix("3g") && $0 != "qt  " } ?? false
        case .threeGPP: Self.brand(bytes)?.hasPrefix("3g") ?? false
        // ADTS: twelve bits of sync, and layer 0.
        case .aac: bytes.count > 1 && bytes[0] == 0xFF && bytes[1] & 0xF6 == 0xF0
        // RFC 4867 § 5.
        case .amr: bytes.starts(with: "#!AMR".utf8)
        // ID3v2, or a frame: eleven bits of sync, and a layer.
        case .mpeg:
            bytes.starts(with: "ID3".utf8)
                || (bytes.count > 1 && bytes[0] == 0xFF && bytes[1] & 0xE0 == 0xE0 && bytes[1] & 0x06 != 0)
        // RFC 3533 § 6.
        case .ogg: bytes.starts(with: "OggS".utf8)
        case .pdf: bytes.starts(with: "%PDF-".utf8)
        case .zip: bytes.starts(with: [0x50, 0x4B, 0x03, 0x04])
        case .compound: bytes.starts(with: [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1])
        case .text: !bytes.contains(0)
        }
    }

    /// The major brand of an ISO base media file.
    private static func brand(_ bytes: [UInt8]) -> String? {
        guard bytes.count >= 12, bytes[4..<8].elementsEqual("ftyp".utf8) else { return nil }
        return String(decoding: bytes[8..<12], as: UTF8.self)
    }
}
