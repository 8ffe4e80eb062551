extension ProviderExplanation {
    package var english: Words {
        switch self {
        case .credentials:
            Words(
                "WhatsApp no longer accepts the access token of this number.",
                "Put in a new token; waiting messages then go out by themselves.")
        case .permission:
            Words(
                "The access token lacks a permission that WhatsApp asks for.",
                "Grant whatsapp_business_messaging to the token's user and send again.")
        case .accountBlocked:
            Words(
                "Meta has blocked or locked the business account.",
                "Look into Account Quality in Meta Business Manager before you send again.")
        case .payment:
            Words("Meta cannot charge the business account.", "Settle the payment method in Meta Business Manager.")
        case .notRegistered:
            Words(
                "This number is not registered with the WhatsApp Cloud API.", "Register it again, then send again.")
        case .displayName:
            Words("Meta has not approved the number's display name yet.", "Wait for the approval, then send again.")
        case .rateLimit:
            Words("WhatsApp's sending limit is reached for the moment.", "Nothing to do: it is tried again shortly.")
        case .pairRateLimit:
            Words(
                "Too many messages went to this contact in a short time.",
                "Nothing to do: it is tried again when WhatsApp allows it.")
        case .spamLimit:
            Words(
                "WhatsApp holds the number back because contacts blocked or reported its messages.",
                "Pause campaigns, check the number's quality and try again later.")
        case .providerDown:
            Words("WhatsApp is not available for the moment.", "Nothing to do: it is tried again shortly.")
        case .providerFault:
            Words("WhatsApp could not process the message and did not say why.", "Try again in a few minutes.")
        case .badRequest:
            Words(
                "WhatsApp did not accept the content of the message.",
                "Read the details, correct the message and send it again.")
        case .sameNumber:
            Words("The recipient is the sending number itself.", "Check the contact's phone number.")
        case .undeliverable:
            Words(
                "WhatsApp cannot deliver to this number: it may have no WhatsApp or an old version of it.",
                "Check the number with the contact.")
        case .notAllowedRecipient:
            Words(
                "A test number may only write to the recipients on its list.",
                "Add the recipient to the list at Meta, or send from a real number.")
        case .windowClosed:
            Words("More than 24 hours have passed since the contact's last message.", "Send an approved template.")
        case .ecosystem:
            Words(
                "WhatsApp chose not to deliver this message, because the contact gets many of its kind.",
                "Wait for at least a day before you try again.")
        case .marketingStopped:
            Words(
                "The contact does not want marketing messages from this business.",
                "Do not send again; the choice has been noted.")
        case .blockedUser:
            Words("This business has blocked the contact on WhatsApp.", "Unblock the contact first.")
        case .media:
            Words("WhatsApp could not load the file.", "Check its format, its size and its link.")
        case .needsPhone:
            Words("This kind of message goes to phone numbers only.", "Add the contact's phone number.")
        case .templateStale:
            Words(
                "The template at Meta expects other variables than our copy of it.",
                "The copy is being fetched anew: check the variables and send again.")
        case .templateMissing:
            Words(
                "The template does not exist in this language, or is not approved.",
                "Check its name, language and status at Meta.")
        case .templateTooLong:
            Words("With its values the template is longer than WhatsApp allows.", "Shorten the values.")
        case .templatePolicy:
            Words(
                "The template or its values break one of WhatsApp's rules.",
                "Read the details, correct the values or the template and send again.")
        case .templatePaused:
            Words(
                "Meta has paused the template, or held it back for low quality.",
                "Wait for the pause to end, or use another template.")
        case .templateDisabled:
            Words("Meta has disabled the template for good.", "Use another template.")
        case .unknown:
            Words("WhatsApp refused the message.", "Read the provider's details.")
        }
    }
}
