/// Meta's limits on what the phone shows, in Unicode scalars (Meta, "Template components").
enum TemplateLimits {
    static let header = 60
    static let body = 1024
    static let url = 2000
    /// Coupon codes and one-time passwords alike.
    static let code = 15
}
