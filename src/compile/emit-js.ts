import { feedText } from '../codegen/feed-text'
import { helperText, type MathFunction } from '../codegen/js-math'
import { moduleScope } from '../codegen/module'
import { arrayNameOf, type Data } from '../ir/type'
import type { ConstantAttrs } from '../ops/leaf'
import {
  bytesText,
  dataText,
  decodeText,
  type EmitInput,
  entryTexts,
  headerText,
  moduleText,
  stateBytes,
} from './emit-parts'
import { stateApi } from './emit-state'
import { printCompilation } from './print'

/** The module in JavaScript or TypeScript: the text that runs in memory, with memory declared in front. */
export function jsModuleText({ entries, store, weights, schedule }: EmitInput, types: boolean): string {
  const shared = moduleScope(['state', 'stateMemory', 'decode', 'variable', 'variables'])
  const helpers = new Set<MathFunction>()
  const steps = entryTexts(entries, shared, types, ({ compilation }, names) => {
    const workMemory = shared.namer.unique(`memory_${names.step}`)
    const scope = { ...names, stateMemory: 'stateMemory', workMemory }
    const { text } = printCompilation(compilation, schedule, { types, scope, dynamic: false })
    text.helpers.forEach((h) => helpers.add(h))
    const { plan } = compilation
    const constants = plan.buffers.filter((b) => b.region === 'constant')
    return {
      fits: text.fits,
      text: [
        `const ${workMemory} = new ArrayBuffer(${Math.max(plan.workBytes, 64)})`,
        text.views,
        ...constants.map(
          (b) => `${scope.buffers.get(b)!}.set(${dataText((b.of.attrs as ConstantAttrs).value as Data)})`,
        ),
        ...text.kernels,
        text.step,
        text.run,
      ].join('\n\n'),
    }
  })
  const state = weights === 'none' ? `new ArrayBuffer(${store.bytes})` : `${bytesText(stateBytes(store))}.buffer`
  return moduleText([
    headerText(entries),
    `${types ? '/* eslint-disable */\n' : ''}class FeedError extends Error {}`,
    helperText(helpers, { types }),
    feedText({ types }),
    `const stateMemory = ${state}`,
    weights === 'none' ? '' : decodeText(types),
    ...steps,
    stateApi(
      store,
      (b) => shared.buffers.get(b) ?? `new ${arrayNameOf(b.dtype)}(stateMemory, ${b.offset}, ${b.size})`,
      types,
    ),
  ])
}
