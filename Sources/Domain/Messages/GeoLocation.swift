package import JSON

/// A point on the map, with what stands beside its pin.
package struct GeoLocation: Sendable, Hashable {
    /// In degrees, as they were written.
    package var latitude: JSONNumber
    package var longitude: JSONNumber
    package var name: String?
    package var address: String?

    package init(latitude: JSONNumber, longitude: JSONNumber, name: String?, address: String?) {
        self.latitude = latitude
        self.longitude = longitude
        self.name = name
        self.address = address
    }

    /// What the pin is called where it must have a title.
    package var title: String { name ?? address ?? "\(latitude.text), \(longitude.text)" }
}
