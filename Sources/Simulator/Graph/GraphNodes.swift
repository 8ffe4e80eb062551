import JSON

/// The read side of Graph: a number, an account's numbers, an account's templates.
enum GraphNodes {
    static func phone(_ number: CloudAPINumber, fields: String?) throws(GraphError) -> JSONValue {
        let all = JSONObject([
            ("id", .string(number.phoneNumberID)), ("verified_name", .string(number.verifiedName)),
            ("display_phone_number", .string(number.displayPhoneNumber)), ("quality_rating", "GREEN"),
            ("code_verification_status", "VERIFIED"), ("status", "CONNECTED"), ("name_status", "APPROVED"),
            ("platform_type", "CLOUD_API"), ("account_mode", "LIVE"), ("throughput", ["level": "HIGH"]),
            ("is_official_business_account", false), ("whatsapp_business_manager_messaging_limit", "TIER_UNLIMITED"),
            ("health_status", ["can_send_message": "AVAILABLE", "entities": []]),
        ])
        let byDefault = "verified_name,display_phone_number,quality_rating,code_verification_status,platform_type"
        return try select(fields ?? byDefault, of: all, node: "WhatsAppBusinessPhoneNumber")
    }

    static func template(_ template: SimulatedTemplate, fields: String?) throws(GraphError) -> JSONValue {
        let all = JSONObject([
            ("name", .string(template.name)), ("parameter_format", .string(template.parameterFormat)),
            ("components", template.components), ("language", .string(template.language)),
            ("status", .string(template.status)), ("category", .string(template.category)),
            ("id", .string(template.id)), ("quality_score", ["score": .string(template.qualityScore)]),
            ("rejected_reason", .string(template.rejectedReason)),
        ])
        let byDefault = "name,parameter_format,components,language,status,category"
        return try select(fields ?? byDefault, of: all, node: "WhatsAppMessageTemplate")
    }

    private static func select(_ fields: String, of all: JSONObject, node: String) throws(GraphError) -> JSONValue {
        var selected = JSONObject()
        for field in fields.split(separator: ",").map({ $0.filter { $0 != " " } }) {
            guard let value = all[field] else {
                throw GraphError(
                    code: 100, "(#100) Tried accessing nonexisting field (\(field)) on node type (\(node))")
            }
            selected[field] = value
        }
        // Graph gives the id whether asked for or not.
        selected["id"] = all["id"]
        return .object(selected)
    }
}
