import Testing

@testable import Postgres

@Suite struct PostgresErrorTests {
    @Test func `a description never quotes a value, the debug description may`() {
        let text = PostgresError(
            serverState: "22P02", constraint: nil, message: "invalid input syntax for type integer: \"+5511999\"")
        #expect(text.description == "postgres: SQLSTATE 22P02")
        #expect(text.debugDescription.contains("+5511999"))
        let unique = PostgresError(serverState: "23505", constraint: "leads_phone", message: "secret")
        #expect(unique.description == "postgres: SQLSTATE 23505 on leads_phone")
    }

    @Test func `a description tells what a mistake in the SQL was`() {
        let error = PostgresError(serverState: "42703", constraint: nil, message: "column \"x\" does not exist")
        #expect(error.description == "postgres: SQLSTATE 42703: column \"x\" does not exist")
    }

    @Test(arguments: [
        ("40001", true, false), ("40P01", true, false), ("57P01", true, true), ("57P03", true, true),
        ("08006", true, true), ("25006", true, true), ("53100", false, true), ("53300", false, true),
        ("23505", false, false), ("57014", false, true), ("42P01", false, false),
    ])
    func `the SQLSTATE decides what may be tried again and what is an outage`(
        state: String, isRetryable: Bool, isUnavailable: Bool
    ) {
        let error = PostgresError(serverState: state, constraint: nil, message: "")
        #expect(error.isRetryable == isRetryable)
        #expect(error.isUnavailable == isUnavailable)
    }

    @Test func `a cancelled statement is a timeout`() {
        let error = PostgresError(serverState: "57014", constraint: nil, message: "")
        #expect(error.code == .timeout)
        #expect(error.certainty == .rejected)
    }
}
