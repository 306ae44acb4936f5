/** A table as text. The columns with these numbers are set to the right. */
export function formatTable (rows, right) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  const pad = (cell, column) => right.includes(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column])
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n')
}
