import Domain

/// The verdict's faults as problems.
extension Problem {
    /// What a send is refused with: the code of its first fault and, when that is a fault of fields, the details of
    /// every fault that has any. Nil when allowed.
    static func from(_ verdict: SendVerdict) -> Problem? {
        let problems = verdict.faults.map { from($0, of: verdict) }
        guard var problem = problems.first else { return nil }
        if !problem.details.isEmpty { problem.details = problems.flatMap(\.details) }
        return problem
    }

    static func from(_ fault: SendFault, of verdict: SendVerdict) -> Problem {
        switch fault.code {
        case .instanceNotFound, .templateNotFound, .replyNotFound:
            return validation([.init(fault.pointer ?? "", "not_found", Faults.notFound)])
        case .contentInvalid: return validation(fault.content.map(Detail.init))
        case .bindingFailed:
            var problem = Problem(.bindingFailed)
            problem.details = fault.binding.map(Detail.init)
            return problem
        case .windowClosed:
            var problem = Problem(.windowClosed)
            problem.window = verdict.window
            problem.templateIDs = verdict.templateIDs
            return problem
        case .noInstance: return Problem(.noInstance)
        case .instanceNotConnected: return Problem(.instanceNotConnected)
        case .leadWithoutPhone: return Problem(.leadWithoutPhone)
        case .optedOut: return Problem(.optedOut)
        case .templatesNotSupported: return Problem(.templatesNotSupported)
        case .templateNotApproved: return Problem(.templateNotApproved)
        }
    }
}

extension Problem.Detail {
    init(_ fault: BindingFault) {
        self.init(
            fault.pointer, fault.code.rawValue, Self.words(fault),
            [
                "limit": fault.limit.map(String.init) ?? "", "variable": fault.variable ?? "",
                "label": fault.label?.lowercased() ?? "header_media",
            ])
        component = fault.component
        variable = fault.variable
        label = fault.label
    }
}

extension Problem.Detail {
    /// What is wrong with a header's file is no variable's fault.
    private static func words(_ fault: BindingFault) -> Words {
        guard fault.variable == nil, fault.component == "header" else { return fault.code.words }
        return switch fault.code {
        case .missing, .empty: Faults.headerMedia
        case .wrongType: Faults.headerKind
        default: fault.code.words
        }
    }
}

extension BindingFault.Code {
    fileprivate var words: Words {
        switch self {
        case .missing: Words("{variable} has no value.", "{variable} está sem valor.")
        case .extra: Words("The template has no place for this value.", "O template não tem lugar para este valor.")
        case .empty: Words("{variable} must not be empty or blank.", "{variable} não pode ficar em branco.")
        case .tooLong:
            Words(
                "{variable} is too long: at most {limit} characters.",
                "{variable} é longo demais: até {limit} caracteres.")
        case .wrongType: Words("{variable} must be a string.", "{variable} deve ser um texto.")
        case .newline: Words("{variable} must not hold a line break.", "{variable} não pode ter quebra de linha.")
        case .tab: Words("{variable} must not hold a tab.", "{variable} não pode ter tabulação.")
        case .spaces:
            Words(
                "{variable} must not hold more than four spaces in a row.",
                "{variable} não pode ter mais de quatro espaços seguidos.")
        }
    }
}
