import { App } from "../../sidebar/app/app.ts";
import { useTheme } from "../../sidebar/app/theme.ts";
import { setHost } from "../../sidebar/host/host.ts";
import { PageHost } from "../../sidebar/host/page-host.ts";

/** The script of the full page. */
async function start(): Promise<void> {
  const host = await PageHost.create();
  setHost(host);
  document.documentElement.lang = host.language;
  useTheme();
  await host.start();
  useTheme(host.settings.editorTheme);
  const app = new App(() => host.isKnownUser);
  document.body.append(app.element);
  await app.start();
}

void start();
