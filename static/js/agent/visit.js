// Members who come to their own pages from the administration only visit: they stay as present as they
// were, until this tab is in the workspace.

const VISIT = "kefu:visit";

export function isVisit(referrer, tab) {
  if (referrer.startsWith(`${location.origin}/admin/`)) tab.setItem(VISIT, "1");
  return tab.getItem(VISIT) !== null;
}

export const endVisit = (tab) => tab.removeItem(VISIT);
