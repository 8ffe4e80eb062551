package import Domain

/// Where a provider is and what opens it, for one instance; no description shows the secrets.
package struct ProviderAccess: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var provider: Instance.Provider
    /// `https://graph.facebook.com`, or where WAHA listens; a path is kept, a last `/` is not.
    package var baseURL: String
    /// Meta's bearer token, or WAHA's `X-Api-Key`.
    package var token: String
    /// `v23.0`; Meta retires versions, so it is the channel's setting. Cloud API only.
    package var apiVersion: String
    /// Cloud API only.
    package var phoneNumberID: String?
    /// Cloud API only.
    package var businessAccountID: String?
    /// WAHA only.
    package var session: String?

    package init(
        provider: Instance.Provider, baseURL: String, token: String, apiVersion: String = "v23.0",
        phoneNumberID: String? = nil, businessAccountID: String? = nil, session: String? = nil
    ) {
        self.provider = provider
        self.baseURL = baseURL
        self.token = token
        self.apiVersion = apiVersion
        self.phoneNumberID = phoneNumberID
        self.businessAccountID = businessAccountID
        self.session = session
    }

    package var description: String {
        "\(provider.rawValue) \(phoneNumberID ?? session ?? "") (token hidden)"
    }

    package var debugDescription: String { description }

    /// Without the token: `dump` and test failures print what a mirror shows.
    package var customMirror: Mirror {
        Mirror(
            self, children: ["provider": provider, "phoneNumberID": phoneNumberID as Any, "session": session as Any])
    }
}
