import Domain

/// Texts that have a format.
extension BodyReader {
    mutating func email(_ key: String, isRequired: Bool = false) -> String? {
        guard let text = text(key, maximum: 254, isRequired: isRequired) else { return nil }
        guard let address = EmailAddress(text) else {
            fail(key, "invalid_email", Faults.email)
            return nil
        }
        return address.text
    }

    /// `HH:MM`
    mutating func timeOfDay(_ key: String) -> String? {
        guard let text = text(key, maximum: 64) else { return nil }
        guard text.utf8.count == 5, Timestamp(rfc3339: "2000-01-01T\(text):00Z") != nil else {
            fail(key, "invalid_format", Faults.timeOfDay)
            return nil
        }
        return text
    }
}
