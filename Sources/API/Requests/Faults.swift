/// What is said of a field that is not as it should be.
enum Faults {
    static let required = Words("This field is required.", "Este campo é obrigatório.")
    static let blank = Words("This field must not be blank.", "Este campo não pode ficar em branco.")
    static let wrongType = Words("This must be of type {type}.", "Isto deve ser do tipo {type}.")
    static let outOfRange = Words("The number is out of range.", "O número está fora do intervalo.")
    static let money = Words(
        "This must be an amount with at most {decimals} decimals, as {currency} has.",
        "Deve ser um valor com no máximo {decimals} casas decimais, como em {currency}.")
    static let link = Words("This must be an http or https address.", "Deve ser um endereço http ou https.")
    static let tooLong = Words("At most {limit} characters.", "No máximo {limit} caracteres.")
    static let lengthBetween = Words("Between 1 and {limit} characters.", "Entre 1 e {limit} caracteres.")
    static let tooMany = Words("At most {limit} entries.", "No máximo {limit} itens.")
    static let invalidCharacter = Words("The character U+0000 cannot be kept.", "O caractere U+0000 não é aceito.")
    static let instant = Words(
        "This must be an RFC 3339 instant, as 2026-11-20T14:00:00-03:00.",
        "Deve ser um instante RFC 3339, como 2026-11-20T14:00:00-03:00.")
    static let date = Words("This must be a date, as 2026-11-20.", "Deve ser uma data, como 2026-11-20.")
    static let span = Words(
        "This must be minutes, or with their unit, as 90m or 2h.", "Devem ser minutos, ou com unidade, como 90m ou 2h.")
    static let timeOfDay = Words("This must be a time, as 14:30.", "Deve ser um horário, como 14:30.")
    static let boolean = Words("This must be true or false.", "Deve ser true ou false.")
    static let unknownField = Words("There is no such field.", "Este campo não existe.")
    static let unknownParameter = Words("There is no such parameter.", "Este parâmetro não existe.")
    static let repeated = Words("This parameter stands twice.", "Este parâmetro está repetido.")
    static let encoding = Words("The query is not validly encoded.", "A consulta não está codificada corretamente.")
    static let notOneOf = Words("This must be one of: {values}.", "Deve ser um destes: {values}.")
    static let phone = Words("This is not a phone number.", "Isto não é um número de telefone.")
    static let email = Words("This is not an e-mail address.", "Isto não é um endereço de e-mail.")
    static let locale = Words("This must be a language tag, as pt-BR.", "Deve ser um idioma, como pt-BR.")
    static let timezone = Words(
        "This must be a time zone, as America/Sao_Paulo.", "Deve ser um fuso horário, como America/Sao_Paulo.")
    static let country = Words(
        "This must be a country's code, as BR.", "Deve ser o código de um país, como BR.")
    static let currency = Words(
        "This must be a currency's code, as BRL.", "Deve ser o código de uma moeda, como BRL.")
    static let providerDigits = Words(
        "These are not the digits of an address at the provider.", "Isto não são os dígitos de um endereço no provedor."
    )
    static let noScope = Words("Only a bsuid has a scope.", "Apenas um bsuid tem scope.")
    static let twoContacts = Words("These must be two contacts.", "Devem ser dois contatos.")
    static let nameOrIdentifier = Words(
        "Give a name, or something to know the contact by.", "Informe um nome ou algum identificador.")
    static let color = Words("This must be a colour, as #64748b.", "Deve ser uma cor, como #64748b.")
    static let oneEnd = Words("A stage is won or lost, not both.", "Uma etapa é de ganho ou de perda, não ambas.")
    static let wonStage = Words(
        "This must be a stage for won leads.", "Deve ser uma etapa de ganho.")
    static let lostStage = Words(
        "This must be a stage for lost leads.", "Deve ser uma etapa de perda.")
    static let openWindow = Words(
        "Only what is narrowed by window=open or window=closing has this order.",
        "Só o que é filtrado por window=open ou window=closing tem esta ordem.")
    static let everyStage = Words(
        "This must name every stage of the pipeline once.", "Deve citar cada etapa do funil uma vez.")
    static let fieldName = Words(
        "A letter, then letters, digits, _ and -.", "Uma letra, depois letras, dígitos, _ e -.")
    static let notHeld = Words("The calling key does not hold {value}.", "A chave usada não tem {value}.")
    static let boundKey = Words(
        "The calling key is bound to some instances.", "A chave usada está restrita a algumas instâncias.")
    static let outlives = Words(
        "The calling key itself ends before that.", "A própria chave usada expira antes disso.")
    static let ofWAHA = Words(
        "Only a waha number has this: Meta sets a cloud_api number's limits.",
        "Só um número waha tem isto: os limites de um número cloud_api são da Meta.")
    static let bothGaps = Words(
        "least_gap_ms and most_gap_ms are set, or cleared, together.",
        "least_gap_ms e most_gap_ms são definidos, ou apagados, juntos.")
    static let longerGap = Words(
        "This must not be less than least_gap_ms.", "Não pode ser menor que least_gap_ms.")
    static let fixed = Words("This cannot be changed.", "Isto não pode ser alterado.")
    static let withoutOptions = Words(
        "Only select and multiselect have options.", "Só select e multiselect têm opções.")
    static let inactiveField = Words("This field is not active.", "Este campo não está ativo.")
    static let inactiveSequence = Words("This sequence is not active.", "Esta sequência não está ativa.")
    static let digits = Words(
        "At most 18 digits, nine of them decimals.", "No máximo 18 dígitos, nove deles decimais.")
    static let amount = Words(
        "This must be an amount with at most {decimals} decimals.",
        "Deve ser um valor com no máximo {decimals} casas decimais.")
    static let repeatedValue = Words("This value stands twice.", "Este valor está repetido.")
    static let notFound = Words("There is none with this id.", "Não existe nenhum com este id.")
    static let exclusive = Words("Give either {one} or {other}.", "Informe {one} ou {other}.")
    static let unsupportedType = Words("type is one of {values}.", "type deve ser um destes: {values}.")
    static let misplaced = Words(
        "A message of type {type} does not have this.", "Uma mensagem do tipo {type} não tem este campo.")
    static let otherKind = Words(
        "The file cannot be sent as {kind}.", "O arquivo não pode ser enviado como {kind}.")
    static let filename = Words(
        "A file name without / and control characters.", "Um nome de arquivo sem / e sem caracteres de controle.")
    static let privateAddress = Words(
        "This address is not one that the Internet can reach.", "Este endereço não é acessível pela internet.")
    static let headerMedia = Words(
        "The template's header needs its {label}.", "O cabeçalho do template precisa de {label}.")
    static let headerKind = Words(
        "The template's header takes a file of type {label}.",
        "O cabeçalho do template aceita um arquivo do tipo {label}.")
    static let cursor = Words("This is not a cursor of this list.", "Este não é um cursor desta lista.")
    static let past = Words("This must lie in the future.", "Deve estar no futuro.")
}
