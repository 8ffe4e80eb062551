import Domain
import JSON

/// A page of `GET /{business account}/message_templates`.
enum CloudAPITemplateList {
    static let fields = "id,name,status,category,language,components,parameter_format,quality_score,rejected_reason"

    /// Nil when the answer is no list.
    static func page(of json: JSONValue?) -> TemplatePage? {
        guard let entries = json?["data"]?.array else { return nil }
        let templates = entries.compactMap(template)
        // The cursor after the last entry is there on the last page too; only `next` says that more follows.
        let next = json?["paging"]?["next"] == nil ? nil : json?["paging"]?["cursors"]?["after"]?.string
        return TemplatePage(templates: templates, next: next, unreadable: entries.count - templates.count)
    }

    private static func template(_ entry: JSONValue) -> ProviderTemplate? {
        guard let id = entry["id"]?.string ?? entry["id"]?.int64.map(String.init), let name = entry["name"]?.string,
            let language = entry["language"]?.string, let components = entry["components"], components.array != nil,
            let status = entry["status"]?.string
        else { return nil }
        let format = entry["parameter_format"]?.string?.lowercased()
        return ProviderTemplate(
            providerID: id, name: name, language: language, category: entry["category"]?.string ?? "",
            status: Template.Status(providerStatus: status), providerStatus: status,
            parameterFormat: format == "named" ? .named : .positional, components: components,
            qualityRating: entry["quality_score"]?["score"]?.string,
            rejectedReason: entry["rejected_reason"]?.string.flatMap { $0 == "NONE" ? nil : $0 })
    }
}
