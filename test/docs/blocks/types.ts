import { join } from 'node:path'
import ts from 'typescript'
import { root } from './folder'

/** What the compiler says about these files, each line with its place. */
export function typeErrors(files: readonly string[]): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile) as { config: object }
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files }, ts.sys, root)
  // A block that imports nothing is a module, too.
  const program = ts.createProgram(files, { ...options, moduleDetection: ts.ModuleDetectionKind.Force })
  return files.flatMap((file) => {
    const source = program.getSourceFile(file)!
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map((d) => {
      const { line } = source.getLineAndCharacterOfPosition(d.start ?? 0)
      return `${file}:${line + 1}: ${ts.flattenDiagnosticMessageText(d.messageText, '\n')}`
    })
  })
}
