import Crypto

/// The multipart form that a file is uploaded in (RFC 7578): what stands before the file, and what after it.
struct CloudAPIMediaForm {
    let contentType: String
    let head: [UInt8]
    let tail: [UInt8]

    init(_ file: OutboundFile) {
        // Nobody can put it into a file beforehand.
        let boundary = "leadwire-\(Hex.encode(SecureRandom.bytes(16)))"
        contentType = "multipart/form-data; boundary=\(boundary)"
        func field(_ name: String, _ value: String) -> String {
            "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
        }
        let text =
            field("messaging_product", "whatsapp") + field("type", file.mimeType)
            + "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(Self.quoted(file.filename))\"\r\n"
            + "Content-Type: \(file.mimeType)\r\n\r\n"
        head = Array(text.utf8)
        tail = Array("\r\n--\(boundary)--\r\n".utf8)
    }

    /// As browsers write it (HTML, "multipart/form-data encoding algorithm").
    private static func quoted(_ name: String) -> String {
        name.replacing("\"", with: "%22").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    }
}
