extension ProviderExplanation {
    package var portuguese: Words {
        switch self {
        case .credentials:
            Words(
                "O WhatsApp não aceita mais o token de acesso deste número.",
                "Informe um novo token; as mensagens em espera saem sozinhas depois disso.")
        case .permission:
            Words(
                "O token de acesso não tem uma permissão que o WhatsApp exige.",
                "Conceda whatsapp_business_messaging ao usuário do token e envie de novo.")
        case .accountBlocked:
            Words(
                "A Meta bloqueou a conta comercial.",
                "Veja a Qualidade da Conta no Gerenciador de Negócios da Meta antes de enviar de novo.")
        case .payment:
            Words(
                "A Meta não consegue cobrar a conta comercial.",
                "Regularize a forma de pagamento no Gerenciador de Negócios da Meta.")
        case .notRegistered:
            Words(
                "Este número não está registrado na API do WhatsApp.", "Registre o número de novo e reenvie.")
        case .displayName:
            Words("A Meta ainda não aprovou o nome de exibição do número.", "Aguarde a aprovação e reenvie.")
        case .rateLimit:
            Words(
                "O limite de envio do WhatsApp foi atingido por enquanto.",
                "Nada a fazer: uma nova tentativa acontece em breve.")
        case .pairRateLimit:
            Words(
                "Muitas mensagens foram enviadas a este contato em pouco tempo.",
                "Nada a fazer: uma nova tentativa acontece quando o WhatsApp permitir.")
        case .spamLimit:
            Words(
                "O WhatsApp restringiu o número porque contatos bloquearam ou denunciaram suas mensagens.",
                "Pause as campanhas, verifique a qualidade do número e tente mais tarde.")
        case .providerDown:
            Words(
                "O WhatsApp está indisponível no momento.", "Nada a fazer: uma nova tentativa acontece em breve.")
        case .providerFault:
            Words(
                "O WhatsApp não conseguiu processar a mensagem e não disse o motivo.",
                "Tente de novo em alguns minutos.")
        case .badRequest:
            Words(
                "O WhatsApp não aceitou o conteúdo da mensagem.",
                "Leia os detalhes, corrija a mensagem e envie de novo.")
        case .sameNumber:
            Words("O destinatário é o próprio número que envia.", "Confira o telefone do contato.")
        case .undeliverable:
            Words(
                "O WhatsApp não consegue entregar a este número: talvez não tenha WhatsApp ou use uma versão antiga.",
                "Confirme o número com o contato.")
        case .notAllowedRecipient:
            Words(
                "Um número de teste só pode escrever aos destinatários da sua lista.",
                "Inclua o destinatário na lista na Meta ou envie de um número real.")
        case .windowClosed:
            Words("Passaram mais de 24 horas desde a última mensagem do contato.", "Envie um template aprovado.")
        case .ecosystem:
            Words(
                "O WhatsApp preferiu não entregar esta mensagem, porque o contato recebe muitas desse tipo.",
                "Espere pelo menos um dia antes de tentar de novo.")
        case .marketingStopped:
            Words(
                "O contato não quer receber mensagens de marketing desta empresa.",
                "Não envie de novo; a escolha foi registrada.")
        case .blockedUser:
            Words("Esta empresa bloqueou o contato no WhatsApp.", "Desbloqueie o contato antes.")
        case .media:
            Words("O WhatsApp não conseguiu carregar o arquivo.", "Confira o formato, o tamanho e o link.")
        case .needsPhone:
            Words("Este tipo de mensagem só vai para números de telefone.", "Inclua o telefone do contato.")
        case .templateStale:
            Words(
                "O template na Meta espera outras variáveis que a nossa cópia dele.",
                "A cópia está sendo atualizada: confira as variáveis e envie de novo.")
        case .templateMissing:
            Words(
                "O template não existe neste idioma ou não está aprovado.",
                "Confira o nome, o idioma e o status na Meta.")
        case .templateTooLong:
            Words("Com os valores, o template passa do tamanho que o WhatsApp permite.", "Encurte os valores.")
        case .templatePolicy:
            Words(
                "O template ou seus valores violam uma regra do WhatsApp.",
                "Leia os detalhes, corrija os valores ou o template e envie de novo.")
        case .templatePaused:
            Words(
                "A Meta pausou o template ou o reteve por baixa qualidade.",
                "Espere a pausa terminar ou use outro template.")
        case .templateDisabled:
            Words("A Meta desativou o template em definitivo.", "Use outro template.")
        case .unknown:
            Words("O WhatsApp recusou a mensagem.", "Leia os detalhes do provedor.")
        }
    }
}
