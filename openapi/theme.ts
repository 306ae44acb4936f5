/** A style for what Swagger UI's own lacks: room on narrow screens, and brevity where each operation says the same. */
export const THEME = `
/* A long line goes on below, so that nothing is wider than the screen. */
.swagger-ui pre, .swagger-ui code, .swagger-ui .markdown, .swagger-ui .renderedMarkdown, .swagger-ui .parameter__name {
  overflow-wrap: anywhere;
  white-space: pre-wrap !important;
}
.swagger-ui .markdown, .swagger-ui .renderedMarkdown { white-space: normal !important; }
.swagger-ui .markdown ul, .swagger-ui .renderedMarkdown ul { padding-left: 1.2em; }
.swagger-ui select { max-width: 100%; }

/* The buttons for a body that was received would lie upon its last line. */
.swagger-ui .live-responses-table .highlight-code pre { padding-bottom: 48px !important; }

/* Links are for programs. */
.swagger-ui .response-col_links { display: none !important; }

/* All problems have one form: it is shown with the first of them. */
.swagger-ui .response[data-code]:not([data-code^="2"], [data-code="400"]) .response-col_description > :not(:first-child, .headers-wrapper) { display: none; }

@media (max-width: 640px) {
  .swagger-ui .wrapper, .swagger-ui .opblock-body, .swagger-ui .opblock-section-header, .swagger-ui .responses-inner { padding-left: 8px; padding-right: 8px; }
  .swagger-ui .info .title { font-size: 26px; }
  .swagger-ui .opblock-tag { flex-wrap: wrap; font-size: 20px; }
  .swagger-ui .opblock-tag small { flex: 1 0 100%; order: 1; padding: 4px 0; }
  .swagger-ui .opblock .opblock-summary { flex-wrap: wrap; }
  .swagger-ui .opblock .opblock-summary-method { min-width: 64px; }
  .swagger-ui .opblock .opblock-summary-path { max-width: none; }

  /* The cells of a table stand one below the other. */
  .swagger-ui .responses-table, .swagger-ui .responses-table > tbody, .swagger-ui .responses-table > tbody > tr, .swagger-ui .responses-table > tbody > tr > td,
  .swagger-ui .parameters, .swagger-ui .parameters > tbody, .swagger-ui .parameters > tbody > tr, .swagger-ui .parameters > tbody > tr > td {
    display: block;
    width: auto;
    max-width: none;
    padding-left: 0;
    padding-right: 0;
  }
  .swagger-ui .responses-table > thead, .swagger-ui .parameters > thead { display: none; }
  .swagger-ui .parameters input, .swagger-ui .parameters select, .swagger-ui .parameters textarea { width: 100%; max-width: none; }
}
`
