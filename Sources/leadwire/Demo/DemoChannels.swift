import Crypto
import Delivery

/// The demo's numbers and what opens them, the same in every run: drawn from the data folder's secret.
struct DemoChannels: Sendable {
    struct Number: Sendable {
        let phone: String
        let phoneNumberID: String
        let businessAccountID: String
        let token: String
    }

    struct Session: Sendable {
        let name: String
        let phone: String
        let apiKey: String
    }

    let official: Number
    /// The second account's.
    let other: Number
    let session: Session
    let cloudHook: ChannelSecrets.HookProof
    let cloudHookToken: String
    let wahaHook: ChannelSecrets.HookProof
    let wahaHookToken: String

    var numbers: [Number] { [official, other] }

    init(secret: String) {
        func derive(_ name: String) -> String {
            Hex.encode(Array(HMAC.sha256(key: Array(secret.utf8), message: Array("demo.\(name)".utf8)).prefix(16)))
        }
        official = Number(
            phone: "+5521987654321", phoneNumberID: "106540352242922", businessAccountID: "102290129340398",
            token: derive("token.official"))
        other = Number(
            phone: "+5531987650000", phoneNumberID: "207651463353033", businessAccountID: "203381230451509",
            token: derive("token.other"))
        session = Session(name: "default", phone: "+5511999887766", apiKey: derive("waha.key"))
        cloudHook = .init(key: derive("app.secret"), verifyToken: derive("verify.token"))
        cloudHookToken = derive("hook.cloud_api")
        wahaHook = .init(key: derive("waha.hmac"), verifyToken: "")
        wahaHookToken = derive("hook.waha")
    }
}
