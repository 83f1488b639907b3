using System.Globalization;
using Microsoft.Playwright;
using WebLoad;

namespace Web.BrowserTests;

/// <summary>
/// The page of the sample in Chromium, which is skipped where there is none. With the variable <c>SCREENSHOTS</c> set to a folder, pictures of the page are put there.
/// </summary>
[TestClass]
public sealed class PageTests
{
    private static readonly string? s_chromium = new[] { Environment.GetEnvironmentVariable("CHROMIUM"), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }
        .FirstOrDefault(File.Exists);

    private static Server s_server = null!;
    private static IPlaywright s_playwright = null!;
    private static IBrowser s_browser = null!;

    private static string Cat => Path.Combine(AppContext.BaseDirectory, "photos", "chelsea.png");

    [ClassInitialize]
    public static async Task Start(TestContext _)
    {
        if (s_chromium is null)
        {
            Assert.Inconclusive("There is no Chromium; CHROMIUM names one.");
        }

        s_server = await Server.Start();
        s_playwright = await Playwright.CreateAsync();
        s_browser = await s_playwright.Chromium.LaunchAsync(new() { ExecutablePath = s_chromium, Args = ["--no-sandbox"] });
    }

    [ClassCleanup]
    public static async Task Stop()
    {
        if (s_browser is not null)
        {
            await s_browser.CloseAsync();
        }

        s_playwright?.Dispose();
        s_server?.Dispose();
    }

    [TestMethod]
    [DataRow("desktop", 1280, 900, false)]
    [DataRow("phone", 390, 844, false)]
    [DataRow("phone-dark", 360, 740, true)]
    public async Task APhotoShowsWhatTwoNetworksSee(string name, int width, int height, bool dark)
    {
        IPage page = await Open(width, height, dark);
        await Picture(page, $"{name}-start");
        await page.SetInputFilesAsync("#file", Cat);
        await page.WaitForSelectorAsync("#result:not([hidden])");
        Assert.AreEqual("RoadScene", await page.InnerTextAsync("#leftTitle"));
        Assert.AreEqual("Saliency", await page.InnerTextAsync("#rightTitle"));
        foreach (string side in new[] { "left", "right" })
        {
            string[] shares = [.. await page.Locator($"#{side}Shares b").AllInnerTextsAsync()];
            double sum = shares.Sum(text => double.Parse(text.TrimEnd('%', ' '), CultureInfo.InvariantCulture));
            Assert.AreEqual(100, sum, 0.1 * shares.Length, string.Join(", ", shares));
        }

        // Both overlays and the cut-out are pictures of the photo's size.
        foreach (string picture in new[] { "leftPicture", "rightPicture", "cutPicture" })
        {
            Assert.AreEqual("451x300", await page.EvaluateAsync<string>($"async () => {{ const i = document.getElementById('{picture}'); await i.decode(); return i.naturalWidth + 'x' + i.naturalHeight; }}"));
        }

        Assert.IsFalse(await page.EvaluateAsync<bool>("() => document.scrollingElement.scrollWidth > window.innerWidth"), "the page is no wider than the screen");
        await Picture(page, name);
    }

    [TestMethod]
    public async Task TheSliderShowsMoreOfTheLeftPicture()
    {
        IPage page = await Open(1280, 900);
        await page.SetInputFilesAsync("#file", Cat);
        await page.WaitForSelectorAsync("#result:not([hidden])");
        await page.FocusAsync("#slider");
        await page.Keyboard.PressAsync("End");
        Assert.AreEqual("inset(0px 0% 0px 0px)", await Clip());
        await page.Keyboard.PressAsync("Home");
        Assert.AreEqual("inset(0px 100% 0px 0px)", await Clip());

        Task<string> Clip() => page.EvaluateAsync<string>("() => { const c = getComputedStyle(document.getElementById('leftPicture')).clipPath; const p = c.match(/calc\\(100% - (.*)%\\)/); return p ? `inset(0px ${100 - p[1]}% 0px 0px)` : c.replace('inset(0px)', 'inset(0px 0% 0px 0px)'); }");
    }

    [TestMethod]
    public async Task AnotherNetworkIsAskedWhenItIsChosen()
    {
        IPage page = await Open(1280, 900);
        await page.SetInputFilesAsync("#file", Cat);
        await page.WaitForSelectorAsync("#result:not([hidden])");
        await page.SelectOptionAsync("#left", "Road");
        await Assertions.Expect(page.Locator("#leftTitle")).ToHaveTextAsync("Road");
        StringAssert.Contains(await page.InnerTextAsync("#leftShares"), "road");
        await page.SelectOptionAsync("#left", "Photo");
        await Assertions.Expect(page.Locator("#leftTitle")).ToBeHiddenAsync();
        StringAssert.StartsWith(await page.GetAttributeAsync("#leftPicture", "src"), "blob:");
    }

    [TestMethod]
    public async Task ANetworkThatWasBusyIsAskedAgain()
    {
        IPage page = await Open(1280, 900);
        await page.RouteAsync("**/api/models/Road/sight", route => route.FulfillAsync(new() { Status = 503, ContentType = "application/problem+json", Body = "{\"detail\":\"busy\"}" }), new() { Times = 1 });
        await page.SetInputFilesAsync("#file", Cat);
        await page.WaitForSelectorAsync("#result:not([hidden])");
        await page.SelectOptionAsync("#left", "Road");
        await Assertions.Expect(page.Locator("#problem")).ToHaveTextAsync("busy");
        await page.SelectOptionAsync("#left", "Photo");
        await Assertions.Expect(page.Locator("#problem")).ToBeHiddenAsync();
        await page.SelectOptionAsync("#left", "Road");
        await Assertions.Expect(page.Locator("#leftTitle")).ToHaveTextAsync("Road");
        await Assertions.Expect(page.Locator("#problem")).ToBeHiddenAsync();
    }

    [TestMethod]
    public async Task ALateAnswerDoesNotReplaceTheLastChoice()
    {
        IPage page = await Open(1280, 900);
        TaskCompletionSource late = new();
        await page.RouteAsync("**/api/models/Road/sight", async route =>
        {
            await late.Task;
            await route.ContinueAsync();
        });
        await page.SetInputFilesAsync("#file", Cat);
        await page.WaitForSelectorAsync("#result:not([hidden])");
        await page.SelectOptionAsync("#left", "Road");
        await page.SelectOptionAsync("#left", "Photo");
        await Assertions.Expect(page.Locator("#leftTitle")).ToBeHiddenAsync();
        IResponse answer = await page.RunAndWaitForResponseAsync(
            () =>
            {
                late.SetResult();
                return Task.CompletedTask;
            },
            "**/api/models/Road/sight");
        await answer.FinishedAsync();
        await page.EvaluateAsync("() => new Promise(shown => setTimeout(shown, 200))");
        await Assertions.Expect(page.Locator("#leftTitle")).ToBeHiddenAsync();
    }

    [TestMethod]
    public async Task APhotoMayBeDropped()
    {
        IPage page = await Open(1280, 900);
        await page.EvaluateAsync(
            "async data => { const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0)); const transfer = new DataTransfer();"
            + " transfer.items.add(new File([bytes], 'cat.png', { type: 'image/png' }));"
            + " document.getElementById('drop').dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true })); }",
            Convert.ToBase64String(File.ReadAllBytes(Cat)));
        await page.WaitForSelectorAsync("#result:not([hidden])");
    }

    [TestMethod]
    public async Task WhatIsNoPhotoIsRefusedWithTheReasonAndTheNextWorks()
    {
        IPage page = await Open(390, 844);
        await page.SetInputFilesAsync("#file", new FilePayload { Name = "text.png", MimeType = "image/png", Buffer = "no photo at all"u8.ToArray() });
        await Assertions.Expect(page.Locator("#problem")).ToContainTextAsync("not an image of a known format");
        await Picture(page, "phone-refused");
        await page.SetInputFilesAsync("#file", Cat);
        await page.WaitForSelectorAsync("#result:not([hidden])");
        await Assertions.Expect(page.Locator("#problem")).ToBeHiddenAsync();
    }

    private static async Task<IPage> Open(int width, int height, bool dark = false)
    {
        IBrowserContext context = await s_browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            DeviceScaleFactor = width < 500 ? 2 : 1,
            HasTouch = width < 500,
            IsMobile = width < 500,
        });
        IPage page = await context.NewPageAsync();
        List<string> errors = [];
        page.PageError += (_, error) => errors.Add(error);
        await page.GotoAsync(s_server.Client.BaseAddress!.ToString());
        await Assertions.Expect(page.Locator("#left option")).Not.ToHaveCountAsync(0);
        Assert.IsEmpty(errors, string.Join('\n', errors));
        return page;
    }

    private static async Task Picture(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png"), FullPage = true });
        }
    }
}
