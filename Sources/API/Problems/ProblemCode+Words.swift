extension ProblemCode {
    /// What the answer says.
    package var message: Words {
        switch self {
        case .malformedRequest:
            Words("The request is not valid HTTP: {reason}.", "A requisição não é HTTP válido: {reason}.")
        case .malformedJSON: Words("The body is not valid JSON.", "O corpo não é um JSON válido.")
        case .idempotencyKeyInvalid:
            Words(
                "Idempotency-Key must be 1 to 255 printable ASCII characters.",
                "Idempotency-Key deve ter de 1 a 255 caracteres ASCII imprimíveis.")
        case .unauthorized: Words("The API key is missing or not valid.", "API Key ausente ou inválida.")
        case .accountSuspended: Words("The account is suspended.", "Conta inativa.")
        case .permissionDenied:
            Words(
                "The API key lacks the permission {permission}.",
                "API Key sem permissão para esta operação: {permission}.")
        case .grantExceeded:
            Words(
                "The API key cannot manage what it does not hold itself; see details.",
                "A API Key não pode conceder o que não tem; veja details.")
        case .notFound: Words("There is no such resource.", "Recurso não encontrado.")
        case .routeNotFound: Words("There is no such route.", "Rota não encontrada.")
        case .methodNotAllowed:
            Words("This route takes {methods}.", "Esta rota aceita {methods}.")
        case .requestTimeout:
            Words("The request did not arrive in time.", "A requisição não chegou a tempo.")
        case .bodyTooLarge:
            Words("The body is larger than {limit} bytes.", "O corpo é maior que {limit} bytes.")
        case .targetTooLong: Words("The request's address is too long.", "O endereço da requisição é longo demais.")
        case .unsupportedMediaType:
            Words("The body must be application/json in UTF-8.", "O corpo deve ser application/json em UTF-8.")
        case .mediaTypeNotSupported:
            Words(
                "WhatsApp takes no file of this Content-Type; it takes {values}.",
                "O WhatsApp não aceita arquivos deste Content-Type; aceita {values}.")
        case .headersTooLarge: Words("The request's headers are too large.", "Os cabeçalhos são grandes demais.")
        case .notImplemented:
            Words("The server does not do this: {reason}.", "O servidor não faz isto: {reason}.")
        case .httpVersionNotSupported: Words("The server speaks HTTP/1.1.", "O servidor fala HTTP/1.1.")
        case .idempotencyKeyConflict:
            Words(
                "This Idempotency-Key was used for another request.",
                "Esta Idempotency-Key já foi usada em outra requisição.")
        case .idempotencyKeyProcessing:
            Words(
                "The first request with this Idempotency-Key is still being taken.",
                "A primeira requisição com esta Idempotency-Key ainda está sendo processada.")
        case .identifierConflict:
            Words(
                "An identifier belongs to another contact.", "Um identificador pertence a outro contato.")
        case .contactMerged:
            Words("The contact was merged into another.", "O contato foi fundido a outro.")
        case .notMerged:
            Words("No such merge stands.", "Não há uma fusão assim em vigor.")
        case .mergeNotLatest:
            Words(
                "A later merge has to be undone first.", "Uma fusão posterior precisa ser desfeita antes.")
        case .erased:
            Words("The person was erased and is not brought back.", "A pessoa foi apagada e não é recriada.")
        case .alreadyExists:
            Words("There is one already with this {field}.", "Já existe um com este {field}.")
        case .ownKey:
            Words(
                "A key neither revokes nor changes itself.", "Uma chave não revoga nem altera a si mesma.")
        case .inUse:
            Words("This is still in use ({uses}).", "Isto ainda está em uso ({uses}).")
        case .outcomeUnknown:
            Words(
                "Nobody knows whether the contact has this message: sent again, it may arrive twice.",
                "Não se sabe se o contato recebeu esta mensagem: reenviada, pode chegar duas vezes.")
        case .wrongStatus: Words("This cannot be done now. {reason}", "Isto não é possível agora. {reason}")
        case .preconditionFailed:
            Words(
                "The resource is no longer as If-Match says.", "O recurso não está mais como If-Match indica.")
        case .externalIDTaken:
            Words("Another lead has this external_id.", "Outro lead já tem este external_id.")
        case .validationFailed:
            Words("Some fields are not valid; see details.", "Alguns campos não são válidos; veja details.")
        case .mediaMismatch:
            Words(
                "The file is empty, or does not begin as a file of type {type} does.",
                "O arquivo está vazio ou não começa como um arquivo do tipo {type}.")
        case .bindingFailed:
            Words(
                "The variables do not fill the template; see details.",
                "As variáveis não preenchem o template; veja details.")
        case .noInstance:
            Words("There is no WhatsApp number to send from.", "Não há um número de WhatsApp para enviar.")
        case .instanceNotConnected:
            Words("The WhatsApp number is not connected.", "O número de WhatsApp não está conectado.")
        case .leadWithoutPhone:
            Words("The lead has no phone and no WhatsApp address.", "O lead não tem telefone nem endereço de WhatsApp.")
        case .optedOut:
            Words(
                "The contact asked not to be written to.", "O contato pediu para não receber mensagens.")
        case .windowClosed:
            Words(
                "The 24-hour window is closed: use a template.", "Janela de 24h fechada — use um template.")
        case .templatesNotSupported:
            Words("This WhatsApp number cannot send templates.", "Este número de WhatsApp não envia templates.")
        case .templateNotApproved:
            Words(
                "The template is not approved for this number's business account.",
                "O template não está aprovado para a conta comercial deste número.")
        case .batchRefused:
            Words(
                "{count} of {total} recipients cannot be sent to, so nobody is; details says why, of the first hundred.",
                "{count} de {total} destinatários não podem receber, então ninguém recebe; veja details, dos cem primeiros."
            )
        case .blocked:
            Words("Tasks of the stage are still to be done.", "Há tarefas obrigatórias em aberto nesta etapa.")
        case .rateLimited:
            Words("Rate limit exceeded for this API key.", "Rate limit excedido para esta API Key.")
        case .internalError:
            Words(
                "Something failed on our side; request_id names it in the log.",
                "Algo falhou do nosso lado; request_id o identifica no log.")
        case .providerRefused:
            Words("WhatsApp refused the message: {reason}", "O WhatsApp recusou a mensagem: {reason}")
        case .unavailable:
            Words("The service cannot answer right now.", "O serviço não pode responder agora.")
        }
    }

    /// Why it happens, for `GET /errors`.
    package var cause: Words {
        switch self {
        case .malformedRequest:
            Words("The bytes break a rule of RFC 9110 or 9112.", "Os bytes violam uma regra da RFC 9110 ou 9112.")
        case .malformedJSON:
            Words(
                "The body breaks RFC 8259, repeats a key, or nests deeper than 64 levels.",
                "O corpo viola a RFC 8259, repete uma chave ou passa de 64 níveis.")
        case .idempotencyKeyInvalid:
            Words(
                "The header is empty, too long, or not ASCII.", "O cabeçalho está vazio, longo demais ou não é ASCII.")
        case .unauthorized:
            Words(
                "No key was sent, it is mistyped, unknown, revoked or expired.",
                "Nenhuma chave foi enviada, ou ela está errada, desconhecida, revogada ou expirada.")
        case .accountSuspended:
            Words("The operator suspended the account.", "O operador suspendeu a conta.")
        case .permissionDenied:
            Words("The key was made without this permission.", "A chave foi criada sem esta permissão.")
        case .grantExceeded:
            Words(
                "A permission, an instance or an expiry goes beyond the calling key's own.",
                "Uma permissão, instância ou validade vai além da própria chave.")
        case .notFound:
            Words(
                "The id does not exist, is archived, or is not visible to this key.",
                "O id não existe, está arquivado ou não é visível para esta chave.")
        case .routeNotFound: Words("The path is not one of the API's.", "O caminho não é da API.")
        case .methodNotAllowed:
            Words("The path exists, the method does not.", "O caminho existe, o método não.")
        case .requestTimeout:
            Words("Head or body came too slowly.", "O cabeçalho ou o corpo chegou devagar demais.")
        case .bodyTooLarge: Words("The route's body limit.", "O limite de corpo da rota.")
        case .targetTooLong: Words("Path and query pass 8 kB.", "Caminho e consulta passam de 8 kB.")
        case .unsupportedMediaType:
            Words("Content-Type names another format.", "Content-Type indica outro formato.")
        case .mediaTypeNotSupported:
            Words("Meta names the types that phones show.", "A Meta define os tipos que os celulares mostram.")
        case .headersTooLarge: Words("A field or all of them pass the limit.", "Um campo ou todos passam do limite.")
        case .notImplemented:
            Words("An unknown method or transfer coding.", "Método ou transfer coding desconhecido.")
        case .httpVersionNotSupported: Words("Another version was named.", "Outra versão foi indicada.")
        case .idempotencyKeyConflict:
            Words(
                "Path, query or body differ from the first request's.",
                "Caminho, consulta ou corpo diferem da primeira requisição.")
        case .idempotencyKeyProcessing:
            Words("The first transaction has not committed.", "A primeira transação ainda não terminou.")
        case .identifierConflict:
            Words(
                "One identifier is one contact's, another is another's.",
                "Um identificador é de um contato, outro de outro.")
        case .contactMerged:
            Words("Two contacts were one person.", "Dois contatos eram a mesma pessoa.")
        case .notMerged:
            Words(
                "The two were not merged so, or it was undone, or the person was erased.",
                "Os dois não foram fundidos assim, ou isso foi desfeito, ou a pessoa foi apagada.")
        case .mergeNotLatest:
            Words(
                "Merges are undone in the opposite order: what came after this one builds on it.",
                "Fusões são desfeitas na ordem inversa: o que veio depois parte desta.")
        case .erased:
            Words(
                "An identifier is that of a person whose data were erased at their request.",
                "Um identificador é de uma pessoa cujos dados foram apagados a pedido dela.")
        case .alreadyExists:
            Words(
                "What matched_on names is unique among its kind.",
                "O campo indicado em matched_on é único.")
        case .ownKey:
            Words(
                "It would lock its user out, and could not be asked again.",
                "Bloquearia quem a usa, sem volta.")
        case .inUse:
            Words("What others refer to cannot vanish.", "Não se apaga o que ainda é referenciado.")
        case .outcomeUnknown:
            Words(
                "The answer to the last attempt was lost, and no report of the provider has come since.",
                "A resposta da última tentativa se perdeu e nenhum status do provedor chegou depois.")
        case .wrongStatus:
            Words(
                "What is asked can be done only while the message has another status.",
                "O que se pede só é possível enquanto a mensagem tem outro status.")
        case .preconditionFailed:
            Words("Somebody changed it since it was read.", "Alguém o alterou desde a leitura.")
        case .externalIDTaken:
            Words("external_id is unique in the account.", "external_id é único na conta.")
        case .validationFailed:
            Words(
                "Fields are missing, unknown, or of the wrong type or size.",
                "Campos ausentes, desconhecidos, ou de tipo ou tamanho errado.")
        case .mediaMismatch:
            Words(
                "Content-Type names one type, and the bytes are of another.",
                "Content-Type diz um tipo, e os bytes são de outro.")
        case .bindingFailed:
            Words(
                "Values are missing, extra, empty, too long, or hold what WhatsApp forbids.",
                "Há valores faltando, sobrando, vazios, longos demais ou com o que o WhatsApp proíbe.")
        case .noInstance:
            Words("No number is attached, or none can be chosen.", "Nenhum número conectado pode ser escolhido.")
        case .instanceNotConnected:
            Words(
                "It was disabled, logged out, or its token is refused.",
                "Foi desativado, deslogado, ou o token foi recusado.")
        case .leadWithoutPhone:
            Words("The contact has no identifier to write to.", "O contato não tem identificador para envio.")
        case .optedOut:
            Words(
                "The contact sent STOP, or stopped marketing messages.", "O contato enviou SAIR ou parou o marketing.")
        case .windowClosed:
            Words(
                "The contact has not written to this number for 24 hours.",
                "O contato não escreve a este número há 24 horas.")
        case .templatesNotSupported:
            Words("Only Cloud API numbers send templates.", "Só números da API oficial enviam templates.")
        case .templateNotApproved:
            Words(
                "Meta has not approved it, has paused it, or it is another business account's.",
                "A Meta não o aprovou, o pausou, ou ele é de outra conta comercial.")
        case .batchRefused:
            Words(
                "all_or_nothing, and some recipient of the batch cannot be sent to.",
                "all_or_nothing, e algum destinatário do lote não pode receber.")
        case .blocked:
            Words(
                "The lead has mandatory tasks that are pending.", "O lead tem tarefas obrigatórias pendentes.")
        case .rateLimited:
            Words(
                "More requests in a minute than the key's rate.", "Mais requisições por minuto que o limite da chave.")
        case .internalError: Words("A fault of the server.", "Uma falha do servidor.")
        case .providerRefused:
            Words("Meta or WAHA refused it; provider says why.", "Meta ou WAHA recusou; provider diz por quê.")
        case .unavailable:
            Words(
                "The database or the server is restarting or full.", "O banco ou o servidor está reiniciando ou lotado."
            )
        }
    }

    /// What to do next, for `GET /errors`.
    package var remedy: Words {
        switch self {
        case .malformedRequest, .notImplemented, .httpVersionNotSupported:
            Words("Use an HTTP/1.1 client library.", "Use uma biblioteca de cliente HTTP/1.1.")
        case .malformedJSON:
            Words("Mend the places that details names.", "Corrija os pontos indicados em details.")
        case .idempotencyKeyInvalid: Words("Send a UUID, for example.", "Envie um UUID, por exemplo.")
        case .unauthorized:
            Words("Send X-API-Key with a valid key.", "Envie X-API-Key com uma chave válida.")
        case .accountSuspended: Words("Ask the operator.", "Fale com o operador.")
        case .permissionDenied:
            Words("Use a key with required_permission.", "Use uma chave com required_permission.")
        case .grantExceeded:
            Words("Ask with a key that holds what details names.", "Use uma chave que tenha o que details indica.")
        case .notFound: Words("Check the id.", "Confira o id.")
        case .routeNotFound: Words("See /openapi.json.", "Veja /openapi.json.")
        case .methodNotAllowed: Words("See the Allow header.", "Veja o cabeçalho Allow.")
        case .requestTimeout, .unavailable: Words("Retry after Retry-After.", "Tente de novo após Retry-After.")
        case .bodyTooLarge: Words("Send less at a time.", "Envie menos por vez.")
        case .targetTooLong: Words("Shorten the query.", "Encurte a consulta.")
        case .unsupportedMediaType:
            Words("Send Content-Type: application/json.", "Envie Content-Type: application/json.")
        case .mediaTypeNotSupported:
            Words(
                "Name the file's own type in Content-Type, and convert what is not listed.",
                "Informe em Content-Type o tipo do arquivo e converta o que não está na lista.")
        case .mediaMismatch:
            Words("Name the type that the file has.", "Informe o tipo que o arquivo tem.")
        case .headersTooLarge: Words("Send fewer or shorter headers.", "Envie cabeçalhos menores.")
        case .idempotencyKeyConflict: Words("Use a new key for a new request.", "Use uma chave nova.")
        case .idempotencyKeyProcessing:
            Words("Repeat the same request after Retry-After.", "Repita a mesma requisição após Retry-After.")
        case .identifierConflict:
            Words("Decide which contact is meant; merging is explicit.", "Decida qual contato; a fusão é explícita.")
        case .contactMerged: Words("Use the contact existing_id.", "Use o contato existing_id.")
        case .notMerged: Words("Read both contacts again.", "Leia os dois contatos de novo.")
        case .mergeNotLatest:
            Words("Undo the merge of the contact existing_id first.", "Desfaça antes a fusão do contato existing_id.")
        case .erased:
            Words(
                "Leave the person out; if they write to you again, they are a new contact.",
                "Não inclua a pessoa; se ela escrever de novo, será um novo contato.")
        case .alreadyExists: Words("Use existing_id, or another value.", "Use existing_id ou outro valor.")
        case .ownKey:
            Words("Use another key, or the command line.", "Use outra chave ou a linha de comando.")
        case .inUse:
            Words(
                "Change what uses it first, or give force=true where the route has it.",
                "Altere antes o que o usa, ou informe force=true onde a rota aceita.")
        case .outcomeUnknown:
            Words(
                "Look at the phone, then resolve it; or give accept_duplicate: true.",
                "Veja no celular e resolva com resolve, ou informe accept_duplicate: true.")
        case .wrongStatus:
            Words(
                "Read data.message.status and the message's trace.", "Leia data.message.status e o trace da mensagem.")
        case .preconditionFailed:
            Words("Read it again, then decide anew.", "Leia de novo e decida outra vez.")
        case .externalIDTaken: Words("Use the lead existing_id.", "Use o lead existing_id.")
        case .validationFailed, .bindingFailed:
            Words("Mend every entry of details, then send again.", "Corrija cada item de details e envie de novo.")
        case .noInstance: Words("Attach a number or give instance_id.", "Conecte um número ou informe instance_id.")
        case .instanceNotConnected:
            Words("Reconnect the number or choose another.", "Reconecte o número ou escolha outro.")
        case .leadWithoutPhone: Words("Give the lead a phone.", "Informe um telefone no lead.")
        case .optedOut:
            Words("Wait until the contact writes again.", "Espere o contato escrever de novo.")
        case .windowClosed:
            Words("Send one of template_ids, or give fallback.", "Envie um dos template_ids ou informe fallback.")
        case .templatesNotSupported:
            Words("Send text, or from a Cloud API number.", "Envie texto, ou por um número da API oficial.")
        case .templateNotApproved:
            Words("Choose an APPROVED template of this number.", "Escolha um template APPROVED deste número.")
        case .batchRefused:
            Words(
                "Take them out or put right what details says, or send without all_or_nothing.",
                "Retire-os ou corrija o que details diz, ou envie sem all_or_nothing.")
        case .blocked: Words("Complete pending_tasks, then move it.", "Conclua pending_tasks e mova de novo.")
        case .rateLimited: Words("Wait retry_after seconds.", "Espere retry_after segundos.")
        case .internalError:
            Words(
                "Retry with the same Idempotency-Key; report request_id.",
                "Tente com a mesma Idempotency-Key; informe request_id.")
        case .providerRefused:
            Words(
                "Read provider.title and provider.retryable; a new send is a new request.",
                "Leia provider.title e provider.retryable; um novo envio é outra requisição.")
        }
    }
}
