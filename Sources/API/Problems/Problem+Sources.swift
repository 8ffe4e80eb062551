package import HTTP
import JSON
import Storage

/// What the world's errors become.
extension Problem {
    /// Anything thrown on the way to an answer.
    static func from(_ error: any Error) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case let faults as JSONFaults: return malformed(faults)
        case _ where StorageError.isPassing(error):
            // What the database cannot do now is not the caller's fault, and may work in a moment.
            var problem = Problem(.unavailable)
            problem.retryAfter = 1
            return problem
        default: return Problem(.internalError)
        }
    }

    static func malformed(_ faults: JSONFaults) -> Problem {
        var problem = Problem(.malformedJSON)
        problem.details = faults.faults.map { fault in
            var detail = Detail(fault.pointer, fault.code.rawValue, words(for: fault.code))
            detail.position = Detail.Position(line: fault.line, column: fault.column, offset: fault.offset)
            return detail
        }
        return problem
    }

    private static func words(for code: JSONFault.Code) -> Words {
        switch code {
        case .empty: Words("The body is empty.", "O corpo está vazio.")
        case .unexpected_byte: Words("This byte cannot stand here.", "Este byte não pode estar aqui.")
        case .unexpected_end: Words("The body ends too early.", "O corpo termina cedo demais.")
        case .trailing_data: Words("Something follows the value.", "Há algo depois do valor.")
        case .duplicate_key: Words("The key stands twice.", "A chave está repetida.")
        case .lone_surrogate: Words("Half of a surrogate pair.", "Metade de um par surrogate.")
        case .invalid_utf8: Words("Not valid UTF-8.", "UTF-8 inválido.")
        case .invalid_escape: Words("Not a valid escape.", "Sequência de escape inválida.")
        case .control_character: Words("A control character must be escaped.", "Caractere de controle sem escape.")
        case .too_deep: Words("More than 64 levels deep.", "Mais de 64 níveis.")
        case .invalid_number: Words("Not a valid number.", "Número inválido.")
        }
    }

    /// What the HTTP server itself refused, before any route saw it.
    package static func from(_ fault: HTTPServerFault) -> Problem {
        var problem: Problem
        switch fault.status.code {
        case 408: problem = Problem(.requestTimeout)
        case 413: problem = Problem(.bodyTooLarge)
        case 414: problem = Problem(.targetTooLong)
        case 431: problem = Problem(.headersTooLarge)
        case 501: problem = Problem(.notImplemented)
        case 503: problem = Problem(.unavailable)
        case 505: problem = Problem(.httpVersionNotSupported)
        default: problem = Problem(.malformedRequest)
        }
        problem.values["reason"] = fault.code
        if case .contentTooLarge(let limit) = fault { problem.values["limit"] = String(limit) }
        if fault.status.code == 503 || fault.status.code == 408 { problem.retryAfter = 1 }
        return problem
    }
}
