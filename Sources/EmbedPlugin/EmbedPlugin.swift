import Foundation
import PackagePlugin

/// Carries `schema/` into `Storage` and `openapi/` into `API`.
@main
struct EmbedPlugin: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let (folder, ending, name) =
            target.name == "Storage" ? ("schema", "sql", "EmbeddedSchema") : ("openapi", "json", "EmbeddedDocument")
        let directory = context.package.directoryURL.appending(path: folder)
        let inputs = try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == ending }
            .sorted { $0.path < $1.path }
        let output = context.pluginWorkDirectoryURL.appending(path: "\(name).swift")
        return [
            .buildCommand(
                displayName: "Embedding \(folder)/",
                executable: try context.tool(named: "embed").url,
                arguments: [name, output.path] + inputs.map(\.path),
                inputFiles: inputs,
                outputFiles: [output])
        ]
    }
}
