// What the entry gradloom/report exports: training and its code as one HTML file.
export type { Confusion } from './confusion'
export { report, type ReportOptions, type Subject } from './report'
