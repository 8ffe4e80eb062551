/// One part of the house that reads what strangers send, and what is claimed of it for every input.
struct FuzzTarget: Sendable {
    let name: String
    /// Sound and nearly sound inputs to begin from.
    let seeds: [String]
    /// What random octets would be long in finding.
    let words: [String]
    /// Returns when every claim held; a claim that does not ends the process.
    let attack: @Sendable (inout FuzzInput) -> Void

    static let all: [FuzzTarget] = [
        .request, .chunks, .connection, .response, .url, .query, .json, .template, .phone, .webhook, .postgres,
        .encoding, .csv,
    ]
}

/// Ends the process unless the fact holds; the engine keeps the input that led here.
func claim(_ fact: Bool, _ words: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line) {
    // What the engine looks for.
    guard fact else { fatalError("not so: \(words())", file: file, line: line) }
}
