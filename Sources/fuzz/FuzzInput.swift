/// An input of the engine: material, and behind it eight octets from which every choice is drawn, so that one input
/// always does the same and material and choices change apart.
struct FuzzInput {
    private static let choiceCount = 8

    let material: [UInt8]
    private var choices: Choices

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        let end = max(0, bytes.count - Self.choiceCount)
        material = Array(bytes[..<end])
        choices = Choices(state: bytes[end...].reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// The file of a seed.
    static func file(_ material: String, choices: UInt8) -> [UInt8] {
        Array(material.utf8) + [UInt8](repeating: choices, count: choiceCount)
    }

    /// The material as text, mended where it is no UTF-8.
    var text: String { String(decoding: material, as: UTF8.self) }

    mutating func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &choices) }

    mutating func integer() -> Int64 { Int64(bitPattern: choices.next()) }

    mutating func isOne(in count: Int) -> Bool { number(1...count) == 1 }

    mutating func one<Element>(of elements: [Element]) -> Element { elements[number(0...elements.count - 1)] }

    /// The octets in pieces, as a network may deliver them; joined they are the same.
    mutating func pieces(_ octets: [UInt8]) -> [ArraySlice<UInt8>] {
        // Octet by octet is the hardest split; of long inputs it would only cost time.
        if octets.count <= 2048, isOne(in: 4) { return octets.indices.map { octets[$0...$0] } }
        // Every other cut stands near the end, where what is wrong with a long input is.
        let cuts = (0..<number(0...8)).map { index in
            index.isMultiple(of: 2) ? number(0...octets.count) : octets.count - number(0...min(64, octets.count))
        }.sorted()
        return zip([0] + cuts, cuts + [octets.count]).map { octets[$0..<$1] }
    }

    /// The material, at times with one octet repeated often enough to pass limits that inputs of the engine's size
    /// never reach.
    mutating func stretched() -> [UInt8] {
        guard isOne(in: 8) else { return material }
        let place = number(0...material.count)
        let octet = isOne(in: 2) ? UInt8(ascii: "a") : place < material.count ? material[place] : UInt8(ascii: "0")
        let run = [UInt8](repeating: octet, count: one(of: [100, 8 * 1024, 16 * 1024, 32 * 1024]) + number(-40...40))
        return material[..<place] + run + material[place...]
    }
}

/// Steele, Lea and Flood's generator of 2014.
private struct Choices: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
