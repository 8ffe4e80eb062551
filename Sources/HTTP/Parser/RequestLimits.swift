/// The part of a server's limits that its parsers hold to; sizes in bytes.
struct RequestLimits: Sendable {
    var requestLine: Int
    var fieldLine: Int
    var fieldsTotal: Int
    var fieldCount: Int
    var chunkExtensions: Int

    init(_ configuration: HTTPServerConfiguration) {
        requestLine = configuration.requestLine
        fieldLine = configuration.fieldLine
        fieldsTotal = configuration.fieldsTotal
        fieldCount = configuration.fieldCount
        chunkExtensions = configuration.chunkExtensions
    }
}
