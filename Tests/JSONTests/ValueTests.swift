import JSON
import Testing

@Suite("The value tree") struct ValueTests {
    let value: JSONValue = ["name": "Ana", "age": 41, "ok": true, "none": .null, "tags": ["a", "b"], "deep": ["x": 1]]

    @Test func `each accessor answers for its own kind only`() {
        #expect(value["name"]?.string == "Ana")
        #expect(value["age"]?.int64 == 41)
        #expect(value["ok"]?.bool == true)
        #expect(value["none"]?.isNull == true)
        #expect(value["tags"]?.array?.count == 2)
        #expect(value["tags"]?[1]?.string == "b")
        #expect(value["deep"]?["x"] == 1)
        #expect(value["name"]?.int64 == nil)
        #expect(value["age"]?.string == nil)
        #expect(value["age"]?.bool == nil)
        #expect(value["ok"]?.number == nil)
        #expect(value["tags"]?.object == nil)
        #expect(value["deep"]?.array == nil)
        #expect(value["name"]?.isNull == false)
    }

    @Test func `what is not there is nil`() {
        #expect(value["absent"] == nil)
        #expect(value[0] == nil)
        #expect(value["tags"]?[2] == nil)
        #expect(value["tags"]?[-1] == nil)
        #expect(value["tags"]?["a"] == nil)
    }

    @Test func `objects are equal and hash alike in any order`() {
        let one: JSONValue = ["a": 1, "b": [2], "c": .null]
        let other: JSONValue = ["c": .null, "b": [2], "a": 1]
        #expect(one == other)
        #expect(one.hashValue == other.hashValue)
        #expect(one != ["a": 1, "b": [2]])
        #expect(one != ["a": 1, "b": [2], "d": .null])
        #expect(one != ["a": 1, "b": [3], "c": .null])
        #expect(([1, 2] as JSONValue) != [2, 1])
    }

    @Test func `big objects compare in any order too`() {
        let members = (0..<100).map { ("key\($0)", JSONValue.number(JSONNumber(Int64($0)))) }
        let one = JSONObject(members)
        var other = JSONObject(members.reversed())
        #expect(one == other)
        #expect(one.hashValue == other.hashValue)
        other["key50"] = 0
        #expect(one != other)
    }

    @Test func `strings compare by their bytes`() {
        #expect(JSONValue.string("\u{E9}") != JSONValue.string("e\u{301}"))
        #expect(JSONValue.string("\u{E9}") == JSONValue.string("\u{E9}"))
    }

    @Test func `members can be set, replaced and removed`() {
        var object = JSONObject([("a", 1), ("b", 2)])
        object["a"] = 3
        object["c"] = "new"
        object["b"] = nil
        object["absent"] = nil
        #expect(object == JSONObject([("a", 3), ("c", "new")]))
        #expect(object.keys == ["a", "c"])
        #expect(!object.isEmpty)
        #expect(JSONObject().isEmpty)
    }
}
