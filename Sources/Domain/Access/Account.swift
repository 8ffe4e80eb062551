/// The tenant; every row belongs to one, nothing crosses.
package struct Account: Sendable, Hashable {
    package typealias ID = Identifier<Account>

    package enum Status: String, Sendable, CaseIterable { case active, suspended }

    package var id: ID
    package var name: String
    package var plan: String
    package var status: Status
    /// BCP 47, as `pt-BR`.
    package var locale: String
    /// IANA name, as `America/Sao_Paulo`.
    package var timezone: String
    /// ISO 3166-1 alpha-2: how phone numbers without a country are read.
    package var defaultCountry: String
    /// ISO 4217.
    package var currency: String

    package init(
        id: ID, name: String, plan: String, status: Status, locale: String, timezone: String, defaultCountry: String,
        currency: String
    ) {
        self.id = id
        self.name = name
        self.plan = plan
        self.status = status
        self.locale = locale
        self.timezone = timezone
        self.defaultCountry = defaultCountry
        self.currency = currency
    }
}
