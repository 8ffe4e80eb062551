/// Reads a statement as far as the tenant rule needs it: which tenant tables it touches, and by which account.
///
/// The rule: the account is `$1`. Whatever reads or changes a tenant's table names that table's
/// `account_id = $1` beside it, in the same query level and not inside an alternative; whatever inserts into one
/// writes `$1` first.
struct TenantFence {
    let tenantTables: Set<String>

    /// What is wrong with the statement, in words; empty when nothing is.
    func faults(in sql: String) -> [String] {
        Level.levels(of: Self.tokens(sql)).flatMap(faults(in:))
    }

    private func faults(in level: Level) -> [String] {
        var faults: [String] = []
        let tokens = level.tokens
        for (index, table) in tokens.enumerated() where tenantTables.contains(table) {
            guard index > 0, index + 1 >= tokens.count || tokens[index + 1] != "." else { continue }
            switch tokens[index - 1] {
            case "into":
                if !writesAccount(tokens, after: index, level) {
                    faults.append("inserts into \(table) without $1 first")
                }
            case "from", "join", "update", "using", "only":
                fallthrough
            case "," where Self.isInFrom(tokens, index):
                let alias = Self.alias(tokens, after: index)
                if !names(tokens, table: table, alias: alias) {
                    faults.append("reaches \(table)\(alias.map { " \($0)" } ?? "") without account_id = $1")
                }
            default: break
            }
        }
        return faults
    }

    /// Whether a comma separates tables here, and not columns.
    private static func isInFrom(_ tokens: [String], _ index: Int) -> Bool {
        let clauses: Set<String> = ["select", "from", "using", "set", "where", "returning", "order", "group", "values"]
        return tokens[..<index].last(where: clauses.contains).map { ["from", "using"].contains($0) } ?? false
    }

    /// `INSERT INTO t [AS a] (account_id, …) VALUES ($1, …)` or `… SELECT $1, …`.
    private func writesAccount(_ tokens: [String], after index: Int, _ level: Level) -> Bool {
        let columns = Self.alias(tokens, after: index).map {
            tokens[index + 1] == "as" && $0 == tokens[index + 2] ? 3 : 2
        }
        let start = index + (columns ?? 1)
        guard start + 1 < tokens.count, let list = level.nested(at: start), list.tokens.first == "account_id" else {
            return false
        }
        switch tokens[start + 1] {
        case "values":
            guard let values = level.nested(at: start + 2) else { return false }
            return values.tokens.first == "$1"
        case "select":
            // Each branch of a union writes too.
            return tokens.indices.dropFirst(start + 1).filter { tokens[$0] == "select" }.allSatisfy {
                tokens.count > $0 + 1 && tokens[$0 + 1] == "$1"
            }
        default: return false
        }
    }

    private func names(_ tokens: [String], table: String, alias: String?) -> Bool {
        // An alternative beside the condition would let other accounts through.
        guard !tokens.contains("or") else { return false }
        let owner = alias ?? table
        return tokens.indices.contains { index in
            guard tokens[index...].starts(with: ["account_id", "=", "$1"]) else { return false }
            guard index > 1, tokens[index - 1] == "." else { return alias == nil }
            return tokens[index - 2] == owner
        }
    }

    private static let reserved: Set<String> = [
        "where", "set", "join", "left", "right", "inner", "cross", "on", "order", "group", "limit", "for", "using",
        "returning", "values", "select", "union", "default", "(", ",", ")", "from", "offset", "having",
    ]

    private static func alias(_ tokens: [String], after index: Int) -> String? {
        guard index + 1 < tokens.count else { return nil }
        if tokens[index + 1] == "as" { return index + 2 < tokens.count ? tokens[index + 2] : nil }
        let next = tokens[index + 1]
        return reserved.contains(next) || next == Level.hole ? nil : next
    }

    /// Words, numbers, parameters and signs, in lower case; what stands in quotes is one token.
    static func tokens(_ sql: String) -> [String] {
        var tokens: [String] = []
        var word = ""
        var isQuoted = false
        for character in sql {
            if isQuoted {
                if character == "'" {
                    isQuoted = false
                    tokens.append("'…'")
                }
            } else if character == "'" {
                isQuoted = true
            } else if character.isLetter || character.isNumber || character == "_" || character == "$" {
                word.append(character)
                continue
            } else if !character.isWhitespace {
                if !word.isEmpty { tokens.append(word.lowercased()) }
                word = ""
                tokens.append(String(character))
                continue
            }
            if !word.isEmpty { tokens.append(word.lowercased()) }
            word = ""
        }
        if !word.isEmpty { tokens.append(word.lowercased()) }
        return tokens
    }
}

/// The tokens between one pair of parentheses, with a hole where a deeper pair stands.
private final class Level {
    static let hole = "()"

    private(set) var tokens: [String] = []
    private var children: [Int: Level] = [:]

    func nested(at index: Int) -> Level? { children[index] }

    /// Every level of a statement, the outermost first.
    static func levels(of tokens: [String]) -> [Level] {
        var open = [Level()]
        var all = open
        for token in tokens {
            switch token {
            case "(":
                let child = Level()
                open[open.count - 1].children[open[open.count - 1].tokens.count] = child
                open[open.count - 1].tokens.append(hole)
                open.append(child)
                all.append(child)
            case ")": if open.count > 1 { open.removeLast() }
            default: open[open.count - 1].tokens.append(token)
            }
        }
        return all
    }
}
