import Crypto

/// Meta's webhooks: their signature, their challenge, and what they tell.
package enum CloudAPIWebhook {
    /// Judges `X-Hub-Signature-256` over the bytes as they came.
    ///
    /// Graph's page "Webhooks" says that the signature is made over a form with non-ASCII characters escaped; what
    /// arrives is usually that form already. Both forms are the same JSON, so either signature will do.
    package static func verify(body: [UInt8], signatureHeader: String?, appSecret: String) -> Bool {
        guard let signatureHeader, signatureHeader.hasPrefix("sha256="), !appSecret.isEmpty else { return false }
        let signature = signatureHeader.dropFirst("sha256=".count)
        let key = Array(appSecret.utf8)
        if WebhookSignature.matches(signature, HMAC.sha256(key: key, message: body)) { return true }
        guard let escaped = escapingNonASCII(body) else { return false }
        return WebhookSignature.matches(signature, HMAC.sha256(key: key, message: escaped))
    }

    /// The answer to `GET` with `hub.mode=subscribe`; nil when the token is not ours, or a parameter is missing or
    /// given twice.
    package static func challenge(query: [(name: String, value: String)], verifyToken: String) -> String? {
        func only(_ name: String) -> String? {
            let values = query.filter { $0.name == name }
            return values.count == 1 ? values[0].value : nil
        }
        guard !verifyToken.isEmpty, only("hub.mode") == "subscribe", let token = only("hub.verify_token"),
            ConstantTime.equals(token, verifyToken), let challenge = only("hub.challenge")
        else { return nil }
        // Meta sends digits; anything else is echoed to nobody.
        let isPlain = challenge.utf8.allSatisfy { octet in
            switch octet {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        return isPlain && !challenge.isEmpty && challenge.utf8.count <= 256 ? challenge : nil
    }

    /// Each UTF-16 unit outside ASCII as `\u` and four lower-case hex digits; nil when there is none, or the bytes are
    /// no UTF-8.
    static func escapingNonASCII(_ body: [UInt8]) -> [UInt8]? {
        guard body.contains(where: { $0 >= 0x80 }), let text = String(validating: body, as: UTF8.self) else {
            return nil
        }
        let hex = Array("0123456789abcdef".utf8)
        var escaped: [UInt8] = []
        escaped.reserveCapacity(body.count + body.count / 2)
        for unit in text.utf16 {
            guard unit >= 0x80 else {
                escaped.append(UInt8(unit))
                continue
            }
            escaped += [UInt8(ascii: "\\"), UInt8(ascii: "u")]
            for shift in [12, 8, 4, 0] as [UInt16] { escaped.append(hex[Int(unit >> shift & 15)]) }
        }
        return escaped
    }
}
