export function median (numbers) {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** The median, and the least and the most; undefined of no numbers. */
export function summarize (numbers) {
  if (numbers.length === 0) return undefined
  return { median: median(numbers), least: Math.min(...numbers), most: Math.max(...numbers), count: numbers.length }
}

/** Lists by key, as `Object.groupBy` makes them, which Node.js 20 does not have. */
export function groupBy (values, keyOf) {
  const groups = {}
  for (const value of values) (groups[keyOf(value)] ??= []).push(value)
  return groups
}

export const mapValues = (object, map) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]))
