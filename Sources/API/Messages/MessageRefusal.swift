import Domain

/// Why a message is left as it is, as an answer tells it: with the message.
extension Problem {
    static func refusal(
        _ refusal: MessageLife.Refusal, of act: MessageLife.Act, for message: Message, _ language: Language
    ) -> Problem {
        var problem = Problem(refusal == .outcomeUnknown ? .outcomeUnknown : .wrongStatus)
        problem.values["reason"] = refusal.words(for: act)?.text(in: language)
        problem.data = SendAnswer.data(message)
        return problem
    }
}

extension MessageLife.Refusal {
    /// Nil where the code says it all.
    fileprivate func words(for act: MessageLife.Act) -> Words? {
        switch self {
        case .outcomeUnknown: nil
        case .inbound: Words("This message is the contact's, not ours.", "Esta mensagem é do contato, não nossa.")
        case .erased:
            Words(
                "The person was erased: what the message said is no longer kept.",
                "A pessoa foi apagada: o conteúdo da mensagem não existe mais.")
        case .leadArchived:
            Words("The lead is archived: restore it first.", "O lead está arquivado: restaure-o antes.")
        case .status(let status): act == .resolve ? Self.isKnown : status.refusal(of: act)
        }
    }

    private static let isKnown = Words(
        "Only what became of an unknown message can be told; this one's status is known.",
        "Só se informa o desfecho de uma mensagem unknown; o status desta é conhecido.")
}

extension MessageStatus {
    fileprivate func refusal(of act: MessageLife.Act) -> Words {
        switch self {
        case .queued: Words("The message waits, and goes out by itself.", "A mensagem está na fila e sairá sozinha.")
        case .sending: Words("The message is being sent right now.", "A mensagem está sendo enviada agora.")
        case .accepted, .sent, .delivered, .read, .played, .received:
            Words("The message has gone out already.", "A mensagem já saiu.")
        case .unknown:
            Words(
                "The message may have gone out already: resolve it.", "A mensagem pode já ter saído: use resolve.")
        case .failed: Words("The message has failed, and waits no more.", "A mensagem falhou e não está na fila.")
        case .expired: Words("The message has expired, and waits no more.", "A mensagem expirou e não está na fila.")
        case .canceled where act == .retry:
            Words(
                "The message was canceled; what shall go out after all is sent anew.",
                "A mensagem foi cancelada; para enviar mesmo assim, faça um novo envio.")
        case .canceled: Words("The message is canceled already.", "A mensagem já foi cancelada.")
        }
    }
}
