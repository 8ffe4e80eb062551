import Postgres
import TestSupport
import Testing

@Suite struct TypesTests {
    @Test func `integers round trip, to both ends and as null`() async throws {
        try await withTestDatabase { pool async throws in
            let echo = Statement("echo_int", "SELECT $1::bigint, $2::int, $3::smallint, $4::numeric")
            for value: Int64 in [0, 1, -1, .max, .min] {
                let row = try await pool.read(echo, [.int(value), 7, -8, .int(value)])[0]
                #expect(try row.int(0) == value)
                #expect(try row.int(1) == 7)
                #expect(try row.int(2) == -8)
                #expect(try row.text(3) == String(value))
            }
            let nulls = try await pool.read(echo, [nil, .int(nil), .null, nil])[0]
            #expect(try nulls.intOrNil(0) == nil)
            #expect(try nulls.isNull(1))
            #expect(throws: PostgresError.self) { try nulls.int(0) }
        }
    }

    @Test(arguments: ["", "plain", "ünïcode 😀 \u{1F469}\u{200D}\u{1F680}", "quote ' \" \\ $1 {}", "\u{1}\n\t", "NULL"])
    func `text round trips, also in arrays and in JSON`(text: String) async throws {
        try await withTestDatabase { pool async throws in
            let echo = Statement("echo_text", "SELECT $1::text, $2::text[], to_jsonb($1::text) #>> '{}'")
            let row = try await pool.read(echo, [.text(text), .textArray([text, text])])[0]
            #expect(try row.text(0) == text)
            #expect(try row.textArray(1) == [text, text])
            #expect(try row.text(2) == text)
        }
    }

    @Test func `booleans, doubles, bytes and JSON round trip`() async throws {
        try await withTestDatabase { pool async throws in
            let echo = Statement("echo_mixed", "SELECT $1::bool, $2::double precision, $3::bytea, $4::jsonb")
            let bytes = Array(UInt8.min...UInt8.max)
            for (flag, number) in [
                (true, 0.1), (false, -1e300), (true, .infinity), (false, .leastNonzeroMagnitude), (true, -.infinity),
            ] {
                let json = Array(#"{"a": [1, "é"]}"#.utf8)
                let row = try await pool.read(echo, [.bool(flag), .double(number), .bytes(bytes), .json(json)])[0]
                #expect(try row.bool(0) == flag)
                #expect(try row.double(1) == number)
                #expect(try row.bytes(2) == bytes)
                #expect(try row.json(3) == json)
            }
            let row = try await pool.read(echo, [nil, .double(.nan), .bytes([]), nil])[0]
            #expect(try row.boolOrNil(0) == nil)
            #expect(try row.double(1).isNaN)
            #expect(try row.bytes(2) == [])
            #expect(try row.jsonOrNil(3) == nil)
        }
    }

    @Test(arguments: [
        0, 1, -1, 1_763_650_549_123_456, -62_135_596_800_000_001, 253_402_300_800_000_000, .max, .min,
        // The first instant of timestamptz, 4713-11-24 BC, and the last that fits here, in the year 294247.
        -210_866_803_200_000_000, .max - 1,
    ])
    func `timestamps mean the same instant to both sides`(microseconds: Int64) async throws {
        try await withTestDatabase { pool async throws in
            let echo = Statement(
                "echo_time",
                "SELECT $1::timestamptz, (extract(epoch FROM $1::timestamptz) * 1000000)::text, $2::timestamptz[]")
            let row = try await pool.read(echo, [.timestamp(microseconds), .timestampArray([microseconds, 0])])[0]
            #expect(try row.timestamp(0) == microseconds)
            #expect(try row.timestampArray(2) == [microseconds, 0])
            if microseconds != .max, microseconds != .min {
                #expect(try row.text(1).hasPrefix(String(microseconds)))
            }
        }
    }

    @Test func `arrays round trip, empty and with nulls`() async throws {
        try await withTestDatabase { pool async throws in
            let echo = Statement(
                "echo_arrays",
                "SELECT $1::bigint[], $2::text[], cardinality($3::bytea[]), $4::jsonb[], ($3::bytea[])[1], $5::bool[]")
            let row = try await pool.read(
                echo,
                [
                    .intArray([.max, .min, 0]), .textArray([]), .bytesArray([[0, 255, 92], []]),
                    .jsonArray([Array(#"{"a": "\"x\""}"#.utf8)]), .boolArray([true, nil]),
                ])[0]
            #expect(try row.intArray(0) == [.max, .min, 0])
            #expect(try row.textArray(1) == [])
            #expect(try row.int(2) == 2)
            #expect(try row.textArray(3) == [#"{"a": "\"x\""}"#])
            #expect(try row.bytes(4) == [0, 255, 92])
            #expect(try row.text(5) == "{t,NULL}")
            let nulls = try await pool.read(echo, [nil, .textArray(["a", nil]), nil, nil, nil])[0]
            #expect(try nulls.intArrayOrNil(0) == nil)
            #expect(throws: PostgresError.self) { try nulls.textArray(1) }
        }
    }

    @Test func `columns are found by name, and a wrong name or type is an error`() async throws {
        try await withTestDatabase { pool async throws in
            let rows = try await pool.read(
                Statement("named", "SELECT 1 AS id, 'x' AS \"Name\" UNION ALL SELECT 2, 'y'"))
            #expect(rows.columns == ["id", "Name"])
            #expect(try rows.map { try $0.int("id") }.sorted() == [1, 2])
            #expect(throws: PostgresError.self) { try rows[0].int("Name") }
            #expect(throws: PostgresError.self) { try rows[0].int("name") }
            #expect(throws: PostgresError.self) { try rows[0].int(2) }
            #expect(try rows[0].withBytes(1) { $0?.count } == 1)
        }
    }

    @Test func `a large value and many rows come through`() async throws {
        try await withTestDatabase { pool async throws in
            let text = String(repeating: "0123456789abcdef", count: 1 << 17)
            let row = try await pool.write(Statement("big", "SELECT $1::text, length($1::text)"), [.text(text)])[0]
            #expect(try row.int(1) == 1 << 21)
            #expect(try row.text(0) == text)
            let rows = try await pool.read(Statement("series", "SELECT g FROM generate_series(1, 20000) g"))
            #expect(rows.count == 20_000)
            #expect(try rows[19_999].int(0) == 20_000)
        }
    }
}
