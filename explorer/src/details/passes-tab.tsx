import type { PassName } from '../protocol'
import { PASS_TEXT, PASSES } from '../state/settings'
import { fuse, inspection, off } from '../state/store'

/** What is done without `fuse`; the other passes stay. */
const FUSING: readonly PassName[] = ['save', 'hoist', 'sink', 'inline', 'epilogue', 'group', 'inPlace']

/** How long each pass took and what it left, and a switch for each that can be left out. */
export function PassesTab() {
  const rows = inspection.value?.passes ?? []
  const total = rows.reduce((sum, r) => sum + r.milliseconds, 0)
  const turn = (pass: PassName, on: boolean): void => {
    off.value = on ? off.value.filter((p) => p !== pass) : [...off.value, pass]
  }
  return (
    <div class="passes">
      <table>
        <caption>Compiled in {total.toFixed(1)} ms</caption>
        <thead>
          <tr>
            <th scope="col">Pass</th>
            <th scope="col" class="number">
              ms
            </th>
            <th scope="col" class="number">
              Tensors
            </th>
            <th scope="col" class="number">
              Kernels
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((r, i) => (
            <tr key={i}>
              <th scope="row">{r.pass}</th>
              <td class="number">{r.milliseconds.toFixed(2)}</td>
              <td class="number">{r.nodes}</td>
              <td class="number">{r.kernels ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <fieldset class="switches">
        <legend>Passes that can be left out</legend>
        {PASSES.map((pass) => (
          <label key={pass} class="switch">
            <input
              type="checkbox"
              checked={!off.value.includes(pass) && (fuse.value || !FUSING.includes(pass))}
              disabled={!fuse.value && FUSING.includes(pass)}
              onChange={(event) => turn(pass, event.currentTarget.checked)}
            />
            <span>
              <b>{pass}</b> {PASS_TEXT[pass]}
            </span>
          </label>
        ))}
        {!fuse.value && <p class="note">Fusing passes are off as a whole.</p>}
      </fieldset>
    </div>
  )
}
