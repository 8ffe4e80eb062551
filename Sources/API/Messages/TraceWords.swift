import Domain

/// A trace in plain words.
extension MessageTrace.Kind {
    var words: Words {
        switch self {
        case .received: Words("The contact's message came in.", "A mensagem do contato chegou.")
        case .checked:
            Words(
                "Number, recipient, consent, window and template were checked: nothing stood against it.",
                "Número, destinatário, consentimento, janela e template verificados: nada impediu o envio.")
        case .queued: Words("The message was written down to be sent.", "A mensagem foi registrada para envio.")
        case .attemptStarted: Words("It was handed to the provider.", "Foi entregue ao provedor.")
        case .accepted: Words("The provider took it.", "O provedor a aceitou.")
        case .refused: Words("The provider refused it.", "O provedor a recusou.")
        case .notSent: Words("It did not reach the provider.", "Não chegou ao provedor.")
        case .unknown:
            Words(
                "No answer came: nobody can say whether the provider has it.",
                "Não houve resposta: não se sabe se o provedor a tem.")
        case .sent: Words("The provider sent it.", "O provedor a enviou.")
        case .delivered: Words("It is on the contact's phone.", "Está no celular do contato.")
        case .read: Words("The contact has read it.", "O contato a leu.")
        case .played: Words("The contact has played it.", "O contato a reproduziu.")
        case .failed: Words("It failed.", "Falhou.")
        case .canceled: Words("It was canceled before it was sent.", "Foi cancelada antes do envio.")
        case .expired: Words("Its time passed before it could be sent.", "O prazo passou antes do envio.")
        case .retried:
            Words(
                "A new attempt was asked for; all was checked again.",
                "Uma nova tentativa foi pedida; tudo foi verificado de novo.")
        case .resolved:
            Words("The operator told what became of it.", "O operador informou o que houve com ela.")
        }
    }
}

extension MessageWait {
    var reason: String {
        switch self {
        case .time: "scheduled"
        case .instance: "instance"
        case .pause: "retry"
        case .pace(.number, _): "number_pace"
        case .pace(.contact, _): "contact_pace"
        case .pace(.tier, _): "tier_pace"
        case .behind: "behind"
        case .turn: "turn"
        case .answer: "answer"
        }
    }

    var words: Words {
        switch self {
        case .time: Words("It waits for its send_at.", "Espera o seu send_at.")
        case .instance(let status):
            Words(
                "Its number is \(status.rawValue) and cannot send.", "O número está \(status.rawValue) e não envia.")
        case .pause:
            Words(
                "The provider turned it away for now; it is tried again by itself.",
                "O provedor a recusou por ora; será tentada de novo sozinha.")
        case .pace(.number, _):
            Words(
                "Its number has sent as much as it may for now; it goes when the number may send again.",
                "O número já enviou o que pode por ora; sairá quando puder enviar de novo.")
        case .pace(.contact, _):
            Words(
                "Its contact has been sent as much as one may get for now; it goes when there is room again.",
                "O contato já recebeu o que pode por ora; sairá quando houver espaço de novo.")
        case .pace(.tier, _):
            Words(
                "The messaging_limit of 24 hours is reached; it goes when there is room, or the contact writes.",
                "O messaging_limit de 24 horas foi atingido; sairá quando houver espaço, ou o contato escrever.")
        case .behind(let id):
            Words(
                "Message \(id) of the same conversation goes first.", "A mensagem \(id) da mesma conversa vai antes.")
        case .turn:
            Words(
                "It goes out at once; where many of its number await the provider's answer, when some have it.",
                "Sairá em seguida; se muitas do número aguardam a resposta do provedor, quando algumas a tiverem.")
        case .answer:
            Words(
                "The provider has been asked; its answer is awaited.", "O provedor foi chamado; espera-se a resposta.")
        }
    }

    /// Nil where there is nothing to do but to wait.
    var nextStep: Words? {
        switch self {
        case .answer: nil
        case .instance(.connecting), .instance(.disconnected), .time, .pause, .pace, .behind, .turn:
            Words(
                "Nothing to do: it goes out by itself. Until then it can be canceled.",
                "Nada a fazer: sairá sozinha. Até lá pode ser cancelada.")
        case .instance:
            Words("Reconnect the number, or cancel the message.", "Reconecte o número ou cancele a mensagem.")
        }
    }
}

extension Message {
    /// What is to be done about the message as it stands; nil when nothing is.
    func nextStep(in language: Language) -> String? {
        switch status {
        case .unknown: ProblemCode.outcomeUnknown.remedy.text(in: language)
        case .failed, .expired:
            error?.words(in: language).remedy
                ?? Words("Retry it when the cause is gone.", "Tente de novo quando a causa tiver passado.")
                .text(in: language)
        case .queued, .sending, .accepted, .sent, .delivered, .read, .played, .canceled, .received: nil
        }
    }
}
