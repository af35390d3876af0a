import type { ComponentChildren } from 'preact'
import { CodePane } from './code/code-pane'
import { DetailsPane } from './details/details-pane'
import { ModelPane } from './editor/model-pane'
import { GraphPane } from './graph/graph-pane'
import { Header } from './header'
import { Splitter } from './parts/splitter'
import { panelId, tabId, Tabs } from './parts/tabs'
import { isNarrow, left, middle, type Pane, pane, upper } from './state/layout'
import { isStale, notice } from './state/store'

const TITLES: Readonly<Record<Pane, string>> = {
  model: 'Model',
  graph: 'Graph',
  code: 'Code',
  details: 'Details',
}
const TABS = Object.entries(TITLES).map(([value, text]) => ({ value: value as Pane, text }))

/** The page: a model, its graph and its code side by side, and details below; one at a time where there is little room. */
export function App() {
  const style = { '--left': left.value, '--middle': middle.value, '--upper': upper.value }
  return (
    <>
      {!isNarrow.value && (
        <nav class="skip" aria-label="Skip">
          {TABS.map(({ value, text }) => (
            <a key={value} href={`#${value}`} onClick={(event) => goTo(event, value)}>
              Skip to {text.toLowerCase()}
            </a>
          ))}
        </nav>
      )}
      <Header />
      {notice.value !== '' && (
        <p class="banner" role="alert">
          {notice.value}
        </p>
      )}
      {isNarrow.value && (
        <nav aria-label="Views">
          <Tabs id="pane" label="Views" value={pane} tabs={TABS} />
        </nav>
      )}
      <main class="panes" style={style} data-stale={isStale.value}>
        <View name="model">
          <ModelPane />
        </View>
        <Splitter label="Model and graph" orientation="vertical" share={left} least={12} most={60} />
        <View name="graph">
          <GraphPane />
        </View>
        <Splitter label="Graph and code" orientation="vertical" share={middle} least={30} most={90} />
        <View name="code">
          <CodePane />
        </View>
        <Splitter label="Views and details" orientation="horizontal" share={upper} least={20} most={92} />
        <View name="details">
          <DetailsPane />
        </View>
      </main>
    </>
  )
}

function View({ name, children }: { readonly name: Pane; readonly children: ComponentChildren }) {
  const isHidden = isNarrow.value && pane.value !== name
  const role = isNarrow.value
    ? { role: 'tabpanel' as const, id: panelId('pane', name), 'aria-labelledby': tabId('pane', name) }
    : { id: name, 'aria-label': TITLES[name] }
  return (
    <section class={`pane ${name}`} hidden={isHidden} tabIndex={-1} {...role}>
      {children}
    </section>
  )
}

/** The address keeps the model: a link within the page must not replace it. */
function goTo(event: Event, name: Pane): void {
  event.preventDefault()
  document.getElementById(name)?.focus()
}
