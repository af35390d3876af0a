import type { Signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'

export interface TabsProps<T extends string> {
  readonly id: string
  readonly label: string
  readonly value: Signal<T>
  readonly tabs: readonly { readonly value: T; readonly text: string }[]
  /** Called when a tab is chosen, also when it is the one that is open. */
  readonly onChoose?: (value: T) => void
}

export const tabId = (id: string, value: string): string => `${id}-tab-${value}`
export const panelId = (id: string, value: string): string => `${id}-panel-${value}`

/** A row of tabs; arrows go from one to the next. */
export function Tabs<T extends string>({ id, label, value, tabs, onChoose }: TabsProps<T>) {
  const choose = (next: T): void => {
    value.value = next
    onChoose?.(next)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = tabs.findIndex((t) => t.value === value.value)
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key]
    if (to === undefined) return
    event.preventDefault()
    const next = tabs[(to + tabs.length) % tabs.length]!.value
    choose(next)
    document.getElementById(tabId(id, next))?.focus()
  }
  return (
    <div class="tabs" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
      {tabs.map((t) => (
        <button
          key={t.value}
          type="button"
          role="tab"
          id={tabId(id, t.value)}
          aria-selected={value.value === t.value}
          aria-controls={panelId(id, t.value)}
          tabIndex={value.value === t.value ? 0 : -1}
          onClick={() => choose(t.value)}
        >
          {t.text}
        </button>
      ))}
    </div>
  )
}

export interface TabPanelProps {
  readonly id: string
  readonly value: string
  readonly children: ComponentChildren
}

export const TabPanel = ({ id, value, children }: TabPanelProps) => (
  <div class="tab-panel" role="tabpanel" id={panelId(id, value)} aria-labelledby={tabId(id, value)} tabIndex={0}>
    {children}
  </div>
)
