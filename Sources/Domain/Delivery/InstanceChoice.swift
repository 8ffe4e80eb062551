/// Which instance a send goes out by (PRODUCT § 6.1).
struct InstanceChoice {
    var instance: Instance?
    var fault: SendFault?

    static func forText(given: Instance.ID?, in context: SendContext) -> InstanceChoice {
        if let given { return visible(given, in: context) }
        let connected = context.instances.filter { $0.status == .connected }
        return of(
            latest(among: context.instances, in: context)
                ?? context.instances.first(where: \.isPrimary)
                ?? (connected.count == 1 ? connected[0] : nil))
    }

    /// A given instance of another business account is taken as it is: the template's own judgement refuses it.
    static func forTemplate(_ template: Template?, given: Instance.ID?, in context: SendContext) -> InstanceChoice {
        if let given { return visible(given, in: context) }
        // Without a template there is nothing to choose by; that it is not found is told in its place.
        guard let template else { return InstanceChoice() }
        let candidates = context.instances.filter { template.belongs(to: $0) }
        return of(
            latest(among: candidates, in: context)
                ?? candidates.first { $0.id == template.instanceID }
                ?? (candidates.count == 1 ? candidates[0] : nil))
    }

    /// The instance that the contact and the account last spoke on.
    static func latest(among instances: [Instance], in context: SendContext) -> Instance? {
        let threads = context.conversations.filter { thread in instances.contains { $0.id == thread.instanceID } }
        let latest = threads.max { ($0.lastMessageAt, $0.id) < ($1.lastMessageAt, $1.id) }
        return instances.first { $0.id == latest?.instanceID }
    }

    private static func visible(_ id: Instance.ID, in context: SendContext) -> InstanceChoice {
        guard let instance = context.instances.first(where: { $0.id == id }) else {
            return InstanceChoice(fault: SendFault(.instanceNotFound, pointer: "/instance_id"))
        }
        return InstanceChoice(instance: instance)
    }

    private static func of(_ instance: Instance?) -> InstanceChoice {
        instance.map { InstanceChoice(instance: $0) } ?? InstanceChoice(fault: SendFault(.noInstance))
    }
}

extension Template {
    /// Templates are the business account's: any number of it may send them.
    package func belongs(to instance: Instance) -> Bool {
        instance.supportsTemplates && instance.businessAccountID == businessAccountID
    }
}
