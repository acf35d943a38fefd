import { createTheme } from '@mantine/core'

export const theme = createTheme({
  fontFamily: "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
  primaryColor: 'indigo',
  defaultRadius: 'md',
})
