// saving.ts save|load FILES: FILES is JSON, a path for each mode and dtype. After `save` two steps have been made and are
// in the file; `load` makes two more. Prints the parameter after each step.
import { compile, type Entry } from 'gradloom'
import { load, save } from 'gradloom/node'
import type { Float } from '../expect'
import { bowl } from '../models'
import { type CompiledMode, optionsOf } from '../modes'

const [task, files] = process.argv.slice(2) as [string, string]
const out: Record<string, number[]> = {}
for (const [key, path] of Object.entries(JSON.parse(files) as Record<string, string>)) {
  const [mode, dtype] = key.split(' ') as [CompiledMode, Float]
  const program = compile<Record<string, Entry>>({ main: bowl(dtype) }, optionsOf(mode))
  if (task === 'load') load(program, path)
  out[key] = [1, 2].map(() => {
    program['main']!({})
    return program.state.get('p') as number
  })
  if (task === 'save') save(program, path)
}
console.log(JSON.stringify(out))
