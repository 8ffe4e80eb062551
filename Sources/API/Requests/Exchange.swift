import Domain
import EventLoop
import HTTP
import Storage

/// One request on its way to its answer, with all that the route needs to know.
struct Exchange: Sendable {
    let request: HTTPRequest
    let requestID: String
    let parameters: PathParameters
    let now: Timestamp
    var language: Language
    /// Set on every route but the open ones.
    var caller: Caller?
    /// Where the caller's key stands in its rate, once that is known.
    var standing: RateLimiter.Standing?
    /// The `Idempotency-Key` that the write is made under, where its route keeps answers.
    var claim: IdempotencyStore.Claim?
    /// Closes the answer that is kept under the claim, where it shows a secret.
    var seal: AnswerSeal?
    /// `Prefer: handling=lenient` (RFC 7240 § 4.4): unknown fields are told, not refused.
    let isLenient: Bool
    /// `Prefer: respond-async` (RFC 7240 § 4.1): the answer does not wait for the provider.
    let respondsAsync: Bool

    struct Caller: Sendable {
        let key: APIKey
        let account: Account
    }

    init(_ request: consuming HTTPRequest, requestID: String, parameters: PathParameters, now: Timestamp) {
        let fields = request.head.fields
        self.request = request
        self.requestID = requestID
        self.parameters = parameters
        self.now = now
        (isLenient, respondsAsync) = Self.preferences(fields)
        language = .accepted(by: fields) ?? .english
    }

    /// What of `Prefer` we know, without regard to its parameters.
    private static func preferences(_ fields: HTTPFields) -> (isLenient: Bool, respondsAsync: Bool) {
        var (isLenient, respondsAsync) = (false, false)
        guard fields.contains("Prefer") else { return (isLenient, respondsAsync) }
        for value in fields.all("Prefer") {
            if value == "respond-async" {
                respondsAsync = true
                continue
            }
            for preference in value.split(separator: ",") {
                let word = preference.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
                isLenient = isLenient || word == "handling=lenient" || word == "handling=\"lenient\""
                respondsAsync = respondsAsync || word == "respond-async"
            }
        }
        return (isLenient, respondsAsync)
    }

    /// The caller of a route that needs one; the service admits nobody else to it.
    func admitted() throws -> Caller {
        guard let caller else { throw Problem(.unauthorized) }
        return caller
    }

    /// An id in the path; whatever cannot be one names nothing.
    func id<Entity>(_ name: String, _: Entity.Type = Entity.self) throws -> Identifier<Entity> {
        guard let text = parameters[name], let value = Int64(text), value > 0, value <= Identifier<Entity>.maximum,
            !text.hasPrefix("+"), !text.hasPrefix("0")
        else { throw Problem(.notFound) }
        return Identifier(value)
    }
}

/// What a route answers with.
struct Reply: Sendable {
    var status: HTTPStatus
    var body: [UInt8]
    /// Written in place of `body`, as it is made.
    var stream: (@Reactor @Sendable (any HTTPBodyWriter) async throws -> Void)?
    var fields = Self.json
    /// A single resource: gets an `ETag`.
    var isResource = false
    /// Personal data, unless said otherwise: kept by no cache.
    var isPrivate = true

    private static let json: HTTPFields = ["Content-Type": "application/json"]

    /// JSON, unless said otherwise.
    var contentType: String? {
        get { fields["Content-Type"] }
        set { fields["Content-Type"] = newValue }
    }

    init(_ status: HTTPStatus = .ok, _ body: [UInt8]) {
        self.status = status
        self.body = body
    }

    var httpBody: HTTPBody { stream.map { .stream($0) } ?? .bytes(body) }

    init(stream: @escaping @Reactor @Sendable (any HTTPBodyWriter) async throws -> Void) {
        self.init(.ok, [])
        self.stream = stream
    }
}
