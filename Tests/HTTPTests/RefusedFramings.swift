@testable import HTTP

/// Ways to have two parsers see two ends of one body: each must be refused before any of it is taken for a request.
extension RefusedCase {
    private static func both(_ rule: String, _ coding: String, _ fault: HTTPServerFault) -> RefusedCase {
        RefusedCase(
            "\(rule), with a length beside it",
            "POST / HTTP/1.1\r\nHost: a\r\n\(coding)\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", fault)
    }

    private static func both(_ rule: String, _ coding: String, _ malformation: MalformedRequest) -> RefusedCase {
        both(rule, coding, .badRequest(malformation))
    }

    /// By their names they are `Transfer-Encoding: chunked` to somebody.
    static let codingSpellings: [RefusedCase] = [
        both("9112 6.1 plain", "Transfer-Encoding: chunked", .contentLengthWithTransferEncoding),
        both("9112 6.1 another case", "tRANSFER-eNCODING: CHUNKED", .contentLengthWithTransferEncoding),
        both("9112 6.1 blank after", "Transfer-Encoding: chunked ", .contentLengthWithTransferEncoding),
        both("9112 6.1 tab after", "Transfer-Encoding: chunked\t", .contentLengthWithTransferEncoding),
        both("9112 6.1 tab before", "Transfer-Encoding:\tchunked", .contentLengthWithTransferEncoding),
        both("9112 6.1 no blank before", "Transfer-Encoding:chunked", .contentLengthWithTransferEncoding),
        both("9112 6.1 folded", "Transfer-Encoding:\r\n chunked", .transferEncoding),
        both("9112 6.1 folded by a tab", "Transfer-Encoding:\r\n\tchunked", .transferEncoding),
        both("9112 6.1 folded inside", "Transfer-Encoding: chun\r\n ked", .transferEncoding),
        both("9112 6.1 blank line before", "X: y\r\n Transfer-Encoding: chunked", .foldedField),
        both("9112 5.1 blank before the colon", "Transfer-Encoding : chunked", .fieldName),
        both("9112 5.1 tab before the colon", "Transfer-Encoding\t: chunked", .fieldName),
        both("9112 5.1 blank in the name", "Transfer Encoding: chunked", .fieldName),
        both("9112 5.1 vertical tab before the colon", "Transfer-Encoding\u{B}: chunked", .fieldName),
        both("9112 5.1 CR before the colon", "Transfer-Encoding\r: chunked", .fieldName),
        both("9112 5.1 NUL in the name", "Transfer\u{0}-Encoding: chunked", .fieldName),
        both("9112 5.1 name in quotes", "\"Transfer-Encoding\": chunked", .fieldName),
        both("9112 5.1 soft hyphen in the name", "Transfer\u{AD}Encoding: chunked", .fieldName),
        both("9112 5.1 no colon", "Transfer-Encoding chunked", .fieldName),
        both("9110 5.5 NUL after", "Transfer-Encoding: chunked\u{0}", .fieldValue),
        both("9110 5.5 NUL before", "Transfer-Encoding: \u{0}chunked", .fieldValue),
        both("9110 5.5 form feed before", "Transfer-Encoding: \u{C}chunked", .fieldValue),
        both("9110 5.5 vertical tab after", "Transfer-Encoding: chunked\u{B}", .fieldValue),
        both("9110 5.5 CR after", "Transfer-Encoding: chunked\r", .fieldValue),
        both("9110 5.5 CR before", "Transfer-Encoding:\rchunked", .fieldValue),
        both("9110 5.5 DEL after", "Transfer-Encoding: chunked\u{7F}", .fieldValue),
        both("9110 5.5 the coding after a bare CR", "X: y\rTransfer-Encoding: chunked", .fieldValue),
        both("9112 2.2 the coding after a lone LF", "X: y\nTransfer-Encoding: chunked", .lineEnding),
        both("9112 2.2 ended by a lone LF", "Transfer-Encoding: chunked\nX: y", .lineEnding),
        both("9112 6.1 a look-alike letter", "Transfer-Encoding: сhunked", .transferEncoding),
        both("9112 6.1 a letter with a dot", "Transfer-Encoding: chunKed\u{307}", .transferEncoding),
        both("9112 6.1 in single quotes", "Transfer-Encoding: 'chunked'", .transferEncoding),
        both("9112 6.1 in brackets", "Transfer-Encoding: [chunked]", .transferEncoding),
        both("9112 6.1 x before", "Transfer-Encoding: xchunked", .transferEncoding),
        both("9112 6.1 x after", "Transfer-Encoding: chunkedx", .transferEncoding),
        both("9112 6.1 colon before", "Transfer-Encoding: :chunked", .transferEncoding),
        both("9112 6.1 two words", "Transfer-Encoding: x chunked", .transferEncoding),
        both("9112 6.1 semicolon after", "Transfer-Encoding: chunked;", .transferEncoding),
        both("9112 6.1 parameter", "Transfer-Encoding: chunked;a=b", .transferEncoding),
        both("9112 6.1 empty element first", "Transfer-Encoding: ,chunked", .transferEncoding),
        both("9112 6.1 empty element last", "Transfer-Encoding: chunked,", .transferEncoding),
        both("9112 6.1 empty", "Transfer-Encoding:", .transferEncoding),
        both("9112 6.1 identity", "Transfer-Encoding: identity", .transferEncoding),
        both("9112 6.1 identity first", "Transfer-Encoding: identity, chunked", .transferCodingNotImplemented),
        both("9112 6.3 identity last", "Transfer-Encoding: chunked, identity", .transferEncoding),
        both("9112 6.3 twice", "Transfer-Encoding: chunked, chunked", .transferEncoding),
        both("9112 6.1 two fields", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .transferEncoding),
        both("9112 6.1 two fields, x last", "Transfer-Encoding: chunked\r\nTransfer-encoding: x", .transferEncoding),
        both("9112 6.1 two fields, x first", "Transfer-Encoding: x\r\nTransfer-Encoding: chunked", .transferEncoding),
    ]

    static let lengthSpellings: [RefusedCase] =
        [
            "-0", "+0", "0o5", "0b1", "5;", ";5", "5,", ",5", "5 5", "5\t5", "5,6", "5;6", "'5'", "[5]", "５", "٥", "5h",
            "h5",
            "5.", ".5", "5e0", "５5", "5\u{A0}", "−5", "5:5", "0x", "5/1", "5%", "inf", "null",
        ].map { .field("9110 8.6 a length of \($0.debugDescription)", "Content-Length: \($0)", .contentLength) }
        + ["5\u{0}", "\u{B}5", "5\r", "\r5", "5\u{7F}"].map {
            .field("9110 5.5 a length of \($0.debugDescription)", "Content-Length: \($0)", .fieldValue)
        } + [
            .field(
                "9112 6.3 three, one unlike", "Content-Length: 5\r\nX: y\r\nContent-Length: 6", .contentLengthRepeated),
            .field("9112 6.3 empty and full", "Content-Length:\r\nContent-Length: 5", .contentLength),
            .field("9112 5.2 a fold after the length", "Content-Length: 5\r\n 0", .foldedField),
            .field("9112 5.1 NUL before the colon", "Content-Length\u{0}: 5", .fieldName),
            .field("9112 5.1 tab in the name", "Content\tLength: 5", .fieldName),
        ]

    static let chunkSpellings: [RefusedCase] = [
        .chunked("9112 7.1 plus nought", "+0\r\n\r\nX", .chunkSize),
        .chunked("9112 7.1 size in quotes", "\"1\"\r\na\r\n0\r\n\r\n", .chunkSize),
        .chunked("9112 7.1 letter after the size", "1g\r\na\r\n0\r\n\r\n", .chunkSize),
        .chunked("9112 7.1 two sizes", "1 1\r\na\r\n0\r\n\r\n", .chunkExtension),
        .chunked("9112 7.1 vertical tab after", "1\u{B}\r\na\r\n0\r\n\r\n", .chunkSize),
        .chunked("9112 7.1 full-width digit", "１\r\na\r\n0\r\n\r\n", .chunkSize),
        .chunked("9112 7.1 past 64 bits", "FFFFFFFFFFFFFFFF0\r\na\r\n", .chunkSize),
        .chunked("9112 7.1 h after", "1h\r\na\r\n0\r\n\r\n", .chunkSize),
        .chunked("9112 7.1 colon after", "1:\r\na\r\n0\r\n\r\n", .chunkSize),
        .chunked("9112 7.1 fraction", "1.0\r\na\r\n0\r\n\r\n", .chunkSize),
        .chunked("9112 7.1 CR CR LF after the size", "1\r\r\na\r\n0\r\n\r\n", .chunkSize),
        .chunked("9112 7.1 data without an end", "1\r\na0\r\n\r\n", .chunkEnding),
        .chunked("9112 7.1 data ended by CR CR LF", "1\r\na\r\r\n0\r\n\r\n", .chunkEnding),
        .chunked("9112 7.1 data ended by LF CR", "1\r\na\n\r0\r\n\r\n", .chunkEnding),
        .chunked("9112 7.1 an empty line more", "1\r\na\r\n\r\n0\r\n\r\n", .chunkSize),
        .chunked("9112 7.1 a size without its line", "1\r\na\r\nGET /s HTTP/1.1\r\n\r\n", .chunkSize),
        .chunked("9112 7.1.1 nameless at the last", "0;\r\n\r\n", .chunkExtension),
        .chunked("9112 7.1.1 semicolons alone", "1;;;\r\na\r\n0\r\n\r\n", .chunkExtension),
        .chunked("9112 7.1.1 bracket in a name", "1;a[=b\r\na\r\n0\r\n\r\n", .chunkExtension),
        .chunked("9112 7.1.1 blank in a value", "1;a=b c\r\na\r\n0\r\n\r\n", .chunkExtension),
        .chunked("9112 7.1.1 text after a quote", "1;a=\"b\"c\r\na\r\n0\r\n\r\n", .chunkExtension),
        .chunked("9112 7.1.1 control character in quotes", "1;a=\"\u{1}\"\r\na\r\n0\r\n\r\n", .chunkExtension),
        .chunked("9112 7.1.1 CR in quotes", "1;a=\"\r\"\r\na\r\n0\r\n\r\n", .chunkExtension),
        .chunked("9112 7.1.1 a blank at the end", "1;a \r\na\r\n0\r\n\r\n", .chunkExtension),
        .chunked("9112 7.1.1 above ASCII", "1;é\r\na\r\n0\r\n\r\n", .chunkExtension),
        .chunked("9112 7.1.2 blank before the colon", "0\r\nx : 1\r\n\r\n", .fieldName),
        .chunked("9112 7.1.2 no name", "0\r\n: 1\r\n\r\n", .fieldName),
        .chunked("9112 7.1.2 blank first", "0\r\n x: 1\r\n\r\n", .foldedField),
        .chunked("9112 7.1.2 trailer ended by LF", "0\r\nx: 1\n\r\n", .lineEnding),
        .chunked("9112 7.1.2 bare CR in a trailer", "0\r\nx: 1\rContent-Length: 5\r\n\r\n", .fieldValue),
        .chunked("9112 7.1.2 a request in place of trailers", "0\r\nGET /s HTTP/1.1\r\nHost: a\r\n\r\n", .fieldName),
    ]
}
