extension LeadPatch {
    /// Everything by which the person may be recognised who must not come back.
    package var named: [ContactIdentifier] {
        guard case .set(let id?) = externalID else { return identifiers }
        return identifiers + [ContactIdentifier(kind: .externalID, value: id, matchKey: id)]
    }
}
