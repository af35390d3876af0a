import type { Inspection } from '../inspect/inspection'
import type { Profile } from '../inspect/profile'
import { codeDetails } from './code'
import { formulas } from './formulas'
import { breakable, type Html, markup } from './html'
import { arena } from './arena'
import { amountText, bytesText, countOf, microsText, percentText } from './numbers'
import { details, number, table, text } from './table'

/** Everything of one entry; `key` tells its anchors from those of others. */
export function entrySection(found: Inspection, profile: Profile | undefined, key: string): Html {
  const { entry, bindings, target, kernels, memory } = found
  const sizes = Object.entries(bindings).map(([name, n]) => `${name} = ${n}`)
  const total = (of: 'flops' | 'bytes'): number => kernels.reduce((sum, k) => sum + k[of], 0)
  return markup`<section aria-labelledby="${key}">
    <h2 id="${key}">Entry <code>${entry}</code></h2>
    <p class="lead">
      ${sizes.length > 0 ? `With ${sizes.join(', ')}, on` : 'On'} ${target === 'js' ? 'JavaScript' : 'WebAssembly'}:
      ${countOf(kernels.length, 'kernel')}, ${amountText(total('flops'))}flop and ${bytesText(memory.workBytes)} of
      memory beside ${bytesText(memory.stateBytes)} of state.
    </p>
    ${formulas(found)} ${profile ? timesOf(profile) : ''} ${kernelTable(found)} ${memorySection(found)}
    ${passTable(found)} ${codeDetails(found)}
  </section>`
}

function kernelTable({ kernels }: Inspection): Html {
  const rows = kernels.map(
    (k) =>
      markup`<tr>
        <th scope="row" class="name"><code>${breakable(k.name)}</code><small>${k.origin}</small></th>
        <td class="part ${k.part}">${k.part}</td>
        <td class="math">${k.formulas.map((f) => markup`<div>${f}</div>`)}</td>
        <td class="n">${amountText(k.flops)}</td>
        <td class="n">${bytesText(k.bytes)}</td>
      </tr> `,
  )
  const heads = [text('kernel'), text('part'), text('computes'), number('flop'), number('touches')]
  return markup`<h3>Kernels</h3>
    ${table('Kernels', heads, rows, { className: 'kernels' })}`
}

const TIMES = [
  ...[text('kernel'), number('calls'), number('µs'), number('share'), number('Gflop/s'), number('of peak')],
  ...[number('GB/s'), number('of memory'), text('limited by')],
]

function timesOf(p: Profile): Html {
  const most = Math.max(...p.kernels.map((k) => k.share), Number.MIN_VALUE)
  const rows = p.kernels.map((k) => {
    const bar = (100 * k.share) / most
    return markup`<tr>
      <th scope="row" class="name">
        <code>${breakable(k.name)}</code>${k.threads > 1 ? markup` <small>${k.threads} threads</small>` : ''}
      </th>
      <td class="n">${Number.isInteger(k.calls) ? k.calls : k.calls.toFixed(2)}</td>
      <td class="n">${microsText(k.microseconds)}</td>
      <td class="n bar" style="--w:${bar.toFixed(1)}%">${percentText(k.share)}</td>
      <td class="n">${k.flopsPerSecond > 0 ? (k.flopsPerSecond / 1e9).toFixed(2) : ''}</td>
      <td class="n">${k.flops > 0 && k.ofPeak !== undefined ? percentText(k.ofPeak) : ''}</td>
      <td class="n">${k.bytesPerSecond > 0 ? (k.bytesPerSecond / 1e9).toFixed(2) : ''}</td>
      <td class="n">${k.bytes > 0 && k.ofMemory !== undefined ? percentText(k.ofMemory) : ''}</td>
      <td>${k.limit ?? ''}</td>
    </tr> `
  })
  const machine = p.machine
    ? markup` One thread of the machine does ${(p.machine.flopsPerSecond / 1e9).toFixed(1)} Gflop/s at best.`
    : ''
  return markup`<h3>Time</h3>
    <p>
      A step takes <strong>${microsText(p.stepMicroseconds)} µs</strong>, its kernels together
      ${microsText(p.kernelsMicroseconds)} µs, feeds and results ${microsText(p.feedsMicroseconds)} µs; measured over
      ${countOf(p.steps, 'step')}.${machine}
    </p>
    ${table('Time of kernels', TIMES, rows)}`
}

function memorySection(found: Inspection): Html {
  const { stateBytes, workBytes, constantBytes, withoutReuseBytes, buffers } = found.memory
  const state = buffers.filter((b) => b.region === 'state').sort((a, b) => b.bytes - a.bytes)
  const rows = state.map(
    (b) =>
      markup`<tr>
        <th scope="row" class="name"><code>${breakable(b.name)}</code></th>
        <td class="n">${bytesText(b.bytes)}</td>
      </tr> `,
  )
  const saved = withoutReuseBytes > 0 ? 1 - workBytes / withoutReuseBytes : 0
  return markup`<h3>Memory</h3>
    <dl class="totals">
      <div>
        <dt>state</dt>
        <dd>${bytesText(stateBytes)}</dd>
      </div>
      <div>
        <dt>inputs, results and scratch</dt>
        <dd>${bytesText(workBytes)}</dd>
      </div>
      <div>
        <dt>the same without reuse</dt>
        <dd>
          ${bytesText(withoutReuseBytes)}${saved > 0.0005 ? markup` <small>${percentText(saved)} saved</small>` : ''}
        </dd>
      </div>
      ${
        constantBytes === 0
          ? ''
          : markup`<div>
              <dt>constants</dt>
              <dd>${bytesText(constantBytes)}</dd>
            </div>`
      }
    </dl>
    ${arena(found)}
    ${
      state.length === 0
        ? ''
        : details(
            `State: ${countOf(state.length, 'variable')}, ${bytesText(stateBytes)}`,
            table('State', [text('variable'), number('size')], rows),
          )
    }`
}

function passTable({ passes }: Inspection): Html {
  const rows = passes.map(
    (p) =>
      markup`<tr>
        <th scope="row">${p.pass}</th>
        <td class="n">${p.milliseconds.toFixed(2)}</td>
        <td class="n">${p.nodes}</td>
        <td class="n">${p.kernels ?? ''}</td>
      </tr> `,
  )
  const heads = [text('pass'), number('ms'), number('tensors after'), number('kernels')]
  return markup`<h3>Passes</h3>
    ${table('Passes', heads, rows)}`
}
