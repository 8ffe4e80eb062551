import Crypto
import HTTP
import JSON

/// How the providers write and sign their webhooks.
enum WebhookSigning {
    /// Which of the signatures that occur, or must be refused, a webhook carries.
    enum Form: String, Sendable, CaseIterable {
        /// Over the bytes as they are sent, which are ASCII as Meta's mostly are.
        case raw
        /// Meta only: the body goes out in UTF-8, signed over its form with `\uxxxx` (Graph API › Webhooks › Getting started).
        case escaped
        /// Over the right bytes with a wrong key.
        case wrong
        case none
    }

    static func cloudAPI(_ json: JSONValue, secret: String, to url: String, form: Form) -> Webhook {
        let plain = json.serialized()
        let body = form == .escaped ? plain : escaped(plain, slashes: true)
        let key = Array((form == .wrong ? secret + "?" : secret).utf8)
        let signed = form == .escaped ? escaped(plain, slashes: false) : body
        var fields: HTTPFields = ["Content-Type": "application/json", "User-Agent": "facebookexternalua"]
        if form != .none {
            fields["X-Hub-Signature-256"] = "sha256=" + Hex.encode(HMAC.sha256(key: key, message: signed))
        }
        return Webhook(url: url, fields: fields, body: body)
    }

    static func waha(_ json: JSONValue, key: String, to url: String, at now: Int64, form: Form) -> Webhook {
        let body = json.serialized()
        var fields: HTTPFields = [
            "Content-Type": "application/json", "User-Agent": "WAHA/2026.7.1",
            "X-Webhook-Request-Id": ProviderIdentifiers.request(), "X-Webhook-Timestamp": String(now / 1_000),
        ]
        if form != .none {
            let key = Array((form == .wrong ? key + "?" : key).utf8)
            fields["X-Webhook-Hmac"] = Hex.encode(HMAC.sha512(key: key, message: body))
            fields["X-Webhook-Hmac-Algorithm"] = "sha512"
        }
        return Webhook(url: url, fields: fields, body: body)
    }

    /// Every UTF-16 unit above ASCII as `\uxxxx` in lower-case hex, and slashes as `\/` where asked.
    private static func escaped(_ json: [UInt8], slashes: Bool) -> [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(json.count + 64)
        for unit in String(decoding: json, as: UTF8.self).utf16 {
            if unit >= 0x80 {
                let hex = String(unit, radix: 16)
                octets += Array(("\\u" + String(repeating: "0", count: 4 - hex.count) + hex).utf8)
            } else {
                if slashes, unit == 0x2F { octets.append(UInt8(ascii: "\\")) }
                octets.append(UInt8(unit))
            }
        }
        return octets
    }
}
