import { useSignal } from '@preact/signals'
import { EXAMPLES, exampleOf } from './models/index'
import { bindings, choose, entries, entry, inspection, isBusy, link, milliseconds, model } from './state/store'
import { theme, turnTheme } from './state/theme'

/** Which model, which entry of it, for which sizes. */
export const Header = () => (
  <header class="top">
    <h1>
      <img src="./icon.svg" alt="" width="20" height="20" /> Gradloom <span>explorer</span>
    </h1>
    <ModelMenu />
    <EntryMenu />
    <Sizes />
    <span class="spring" />
    <State />
    <CopyLink />
    <button type="button" class="quiet" aria-pressed={theme.value === 'dark'} onClick={turnTheme}>
      Dark
    </button>
  </header>
)

const ModelMenu = () => (
  <label class="field">
    <span>Model</span>
    <select
      value={model.value}
      onChange={(event) => {
        const example = exampleOf(event.currentTarget.value)
        if (example) choose(example)
      }}
    >
      {model.value === '' && <option value="">Your own</option>}
      {EXAMPLES.map(({ name, title }) => (
        <option key={name} value={name}>
          {title}
        </option>
      ))}
    </select>
  </label>
)

function EntryMenu() {
  const names = entries.value.map((e) => e.name)
  if (names.length < 2) return null
  return (
    <label class="field">
      <span>Entry</span>
      <select
        value={names.includes(entry.value) ? entry.value : names[0]}
        onChange={(event) => (entry.value = event.currentTarget.value)}
      >
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

/** The extents of named dimensions. */
const Sizes = () => (
  <>
    {Object.entries(inspection.value?.bindings ?? {}).map(([name, extent]) => (
      <label key={name} class="field">
        <span>{name}</span>
        <input
          type="number"
          min="1"
          max="65536"
          step="1"
          value={bindings.value[name] ?? extent}
          onChange={(event) => {
            const next = event.currentTarget.valueAsNumber
            if (Number.isInteger(next) && next > 0) bindings.value = { ...bindings.value, [name]: next }
          }}
        />
      </label>
    ))}
  </>
)

const State = () => (
  <span class="state" data-busy={isBusy.value}>
    {isBusy.value ? 'Compiling…' : milliseconds.value === undefined ? '' : `${milliseconds.value.toFixed(0)} ms`}
  </span>
)

function CopyLink() {
  const said = useSignal('')
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(await link())
      said.value = 'Copied'
    } catch {
      said.value = 'It stands in the address bar'
    }
    setTimeout(() => (said.value = ''), 2500)
  }
  return (
    <>
      <button type="button" class="quiet" onClick={() => void copy()}>
        {said.value === '' ? 'Copy link' : said.value}
      </button>
      <span class="unseen" role="status">
        {said.value}
      </span>
    </>
  )
}
